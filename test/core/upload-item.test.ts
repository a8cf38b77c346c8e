import { describe, expect, it } from '../support/suite.js';
import { UploadError, type UploadState, type UploadStatus } from '../../src/core.js';
import { createItem, transition } from '../../src/core/items/upload-item.js';
import { NO_PROGRESS as progress } from '../../src/core/items/upload-progress.js';

const error = new UploadError('network', 'x');

const STATES: { readonly [S in UploadStatus]: Extract<UploadState, { status: S }> } = {
  rejected: { status: 'rejected', reason: { code: 'duplicate' } },
  queued: { status: 'queued' },
  preparing: { status: 'preparing', progress },
  uploading: { status: 'uploading', progress },
  confirming: { status: 'confirming', progress },
  waiting: { status: 'waiting', reason: { code: 'offline' }, progress },
  interrupted: { status: 'interrupted', progress },
  paused: { status: 'paused', progress },
  done: { status: 'done', result: { response: {}, key: 'k', hash: 'h', source: 'callback', url: undefined } },
  unconfirmed: { status: 'unconfirmed', key: 'k', hash: 'h', error },
  failed: { status: 'failed', error },
  cancelled: { status: 'cancelled' },
};

/** What the documentation promises, written down apart from the code. */
const LEGAL: { readonly [S in UploadStatus]: string } = {
  rejected: '',
  queued: 'rejected preparing waiting paused failed cancelled',
  preparing: 'preparing uploading waiting paused done unconfirmed failed cancelled',
  uploading: 'uploading preparing confirming waiting paused done unconfirmed failed cancelled',
  confirming: 'preparing uploading waiting paused done unconfirmed failed cancelled',
  waiting: 'waiting preparing uploading confirming paused done unconfirmed failed cancelled',
  interrupted: 'queued cancelled',
  paused: 'queued interrupted cancelled',
  done: '',
  unconfirmed: 'confirming done',
  failed: 'queued rejected',
  cancelled: 'queued',
};

const statuses = Object.keys(STATES) as UploadStatus[];
const file = { id: 'upload-1', file: new File([], 'a'), name: 'a', size: 0, type: '', path: undefined };

describe('the transition table', () => {
  for (const from of statuses) {
    for (const to of statuses) {
      const isLegal = LEGAL[from].split(' ').includes(to);
      it(`${isLegal ? 'allows' : 'refuses'} ${from} → ${to}`, () => {
        const item = createItem(file, STATES[from]);
        const step = (): unknown => transition(item, STATES[to]);
        if (isLegal) expect(step()).to.include({ ...file, status: to });
        else expect(step).to.throw(`An upload cannot change from "${from}" to "${to}".`);
      });
    }
  }

  it('gives frozen snapshots that keep nothing of the state before', () => {
    const item = createItem(file, STATES.uploading);
    const next = transition(item, STATES.failed);
    expect(Object.isFrozen(next)).to.equal(true);
    expect(next).not.to.have.property('progress');
    expect(item.status).to.equal('uploading');
  });
});
