import type { UploadItem, UploadStatus } from '../../core/items/upload-item.js';

/** Statuses in which a file is neither stored nor uploading and needs attention. */
export const PROBLEMS = ['rejected', 'failed', 'unconfirmed', 'interrupted'] as const satisfies readonly UploadStatus[];

export function isProblem({ status }: UploadItem): boolean {
  return (PROBLEMS as readonly UploadStatus[]).includes(status);
}

export function hasProblems(counts: Readonly<Record<UploadStatus, number>>): boolean {
  return PROBLEMS.some((status) => counts[status] > 0);
}
