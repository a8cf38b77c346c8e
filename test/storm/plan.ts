import type { Fault } from '../../demo-server/kodo/src/faults.js';
import { Random } from './random.js';

const MIB = 1024 * 1024;

export interface PlannedFile {
  readonly name: string;
  readonly size: number;
  readonly seed: number;
}

export interface PlannedAct {
  /** Milliseconds after the files were added. */
  readonly at: number;
  /** `offline` and `online` change only what the browser reports; the network always works. */
  readonly kind: 'cancel' | 'pause' | 'resume' | 'reload' | 'suspend' | 'unsuspend' | 'offline' | 'online';
  readonly name: string;
}

export interface Plan {
  readonly files: readonly PlannedFile[];
  readonly faults: readonly Fault[];
  readonly acts: readonly PlannedAct[];
  readonly concurrency: number;
  /** Bytes per second of a relay that accepts data at full speed; `undefined` without a relay. */
  readonly relayRate: number | undefined;
  /** Number of token requests that get a 429 response. */
  readonly limitedTokens: number;
}

/** Creates the plan of one run, determined entirely by the seed. */
export function makePlan(seed: number): Plan {
  const random = new Random(seed);
  const files = Array.from({ length: random.whole(1, 4) }, (_, index) => ({
    name: `storm-${seed}-${index}.bin`,
    size: random.pick([0, 1, 1000, MIB, 4 * MIB, 4 * MIB + 1, random.whole(5, 14) * MIB, random.whole(9, 40) * MIB]),
    seed: seed * 10 + index,
  }));
  return {
    files,
    faults: Array.from({ length: random.whole(0, 5) }, () => makeFault(random)),
    acts: Array.from({ length: random.whole(0, 3) }, () => makeAct(random, files))
      .flatMap(withRevert)
      .sort((a, b) => a.at - b.at),
    concurrency: random.pick([1, 2, 3, 6]),
    relayRate: random.chance(0.25) ? random.whole(4, 20) * MIB : undefined,
    limitedTokens: random.chance(0.25) ? random.whole(1, 3) : 0,
  };
}

function makeFault(random: Random): Fault {
  const kind = random.pick<NonNullable<Fault['kind']>>(['form', 'initiate', 'part', 'part', 'part', 'complete']);
  const match = { kind, skip: random.whole(0, 3), times: random.whole(1, 3) } as const;
  const effects: readonly [Partial<Fault>, ...Partial<Fault>[]] = [
    { status: 503 },
    { status: 599 },
    { status: 573 },
    { status: 401, body: '{"error":"token expired 5 seconds ago"}' },
    { dropAtByte: random.whole(0, 2 * MIB) },
    { loseReply: true },
    { stall: true },
    { delay: random.whole(10, 800) },
    { bytesPerSecond: random.whole(2, 30) * MIB },
    { withoutCors: true },
    { withoutReqid: true, status: 502 },
    { status: 429, headers: { 'retry-after': '1', 'access-control-expose-headers': 'Retry-After' } },
    { status: 503, headers: { 'retry-after': '1', 'access-control-expose-headers': 'Retry-After' } },
  ];
  const further: readonly [Partial<Fault>, ...Partial<Fault>[]] =
    kind === 'part'
      ? [{ wrongEtag: true }, { forgetUpload: true }]
      : kind === 'form' || kind === 'complete'
        ? [{ callback: 'server-error' }, { callback: 'html' }, { callback: 'unreachable' }, { body: 'no JSON' }]
        : [{ status: 500 }];
  return { ...match, ...(random.chance(0.3) ? random.pick(further) : random.pick(effects)) };
}

function makeAct(random: Random, files: readonly PlannedFile[]): PlannedAct {
  const [first, ...rest] = files;
  if (first === undefined) throw new Error('A storm without files.');
  return {
    at: random.whole(0, 2500),
    kind: random.pick(['pause', 'pause', 'resume', 'cancel', 'reload', 'suspend', 'offline']),
    name: random.pick([first, ...rest]).name,
  };
}

/** Adds the act that reverts `suspend` or `offline` some time later. */
function withRevert(act: PlannedAct): readonly PlannedAct[] {
  if (act.kind === 'suspend') return [act, { ...act, kind: 'unsuspend', at: act.at + 700 }];
  return act.kind === 'offline' ? [act, { ...act, kind: 'online', at: act.at + 1500 }] : [act];
}
