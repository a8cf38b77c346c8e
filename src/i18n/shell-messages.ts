/** The texts shown before the first file is chosen, in one language. */
export interface ShellMessages {
  /** BCP 47 tag, for number formats and the `lang` attribute. */
  readonly lang: string;
  readonly chooseFile: string;
  readonly chooseFiles: string;
  readonly dropFile: string;
  readonly dropFiles: string;
  readonly dropNow: string;
  readonly maxSize: (size: string) => string;
  readonly maxFiles: (count: number) => string;
  /** Loading the rest of the element failed; the chosen files are kept and added with the next ones. */
  readonly notLoaded: string;
  /** Why a form cannot be submitted. */
  readonly missing: string;
  readonly stillUploading: string;
  readonly minFiles: (count: number) => string;
}

export const enShell: ShellMessages = {
  lang: 'en',
  chooseFile: 'Choose file',
  chooseFiles: 'Choose files',
  dropFile: 'or drop a file here',
  dropFiles: 'or drop files or folders here',
  dropNow: 'Drop to add',
  maxSize: (size) => `Up to ${size} each`,
  maxFiles: (count) => `Up to ${count === 1 ? '1 file' : `${count} files`}`,
  notLoaded: 'The uploader could not be loaded. Check your connection and choose the files again.',
  missing: 'Please choose a file.',
  stillUploading: 'Please wait until all files are uploaded.',
  minFiles: (count) => `Please choose ${count === 1 ? 'a file' : `at least ${count} files`}.`,
};

export const zhCnShell: ShellMessages = {
  lang: 'zh-CN',
  chooseFile: '选择文件',
  chooseFiles: '选择文件',
  dropFile: '或将文件拖到此处',
  dropFiles: '或将文件、文件夹拖到此处',
  dropNow: '松开鼠标，添加文件',
  maxSize: (size) => `单个文件不超过 ${size}`,
  maxFiles: (count) => `最多 ${count} 个文件`,
  notLoaded: '上传组件加载失败，请检查网络后重新选择。',
  missing: '请选择文件。',
  stillUploading: '文件正在上传，请稍候。',
  minFiles: (count) => `请至少选择 ${count} 个文件。`,
};
