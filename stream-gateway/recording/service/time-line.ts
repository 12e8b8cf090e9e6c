// What is marked on the time line of recordings, from what happens in the streams of this replica. Never any content.
import type { Logger } from '../../../runtime/log/log.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import type { SessionJson } from '../../sessions/kinds-json.ts';
import type { RecordingIndex } from '../index-port.ts';
import type { RecordedDesktop } from './recorded-desktop.ts';

export interface TimeLinePorts {
  readonly index: Pick<RecordingIndex, 'joined'>;
  /** What records the session `namespace/name` on this replica. */
  readonly desktopOf: (key: string) => RecordedDesktop | undefined;
  readonly log: Logger;
}

const INPUT_EVERY_MS = 1_000;

export class TimeLine {
  readonly #ports: TimeLinePorts;
  /** Of the last mark of input. */
  readonly #inputAtMs = new WeakMap<RecordedDesktop, number>();

  constructor(ports: TimeLinePorts) {
    this.#ports = ports;
  }

  /** A stream of the person begins; dispose it with the stream. */
  enter({ metadata }: SessionJson, person: string): Disposable {
    const { index, desktopOf, log } = this.#ports;
    const key = `${metadata.namespace}/${metadata.name}`;
    desktopOf(key)?.mark({ type: 'joined', person });
    index
      .joined(metadata.uid ?? '', person)
      .catch((error: unknown) => log.warn({ err: error }, 'a participant is not in the index'));
    return { [Symbol.dispose]: () => desktopOf(key)?.mark({ type: 'left', person }) };
  }

  /** A clipboard that passed, where the policy wants that marked. */
  audited({ type, object, details }: AuditEvent): void {
    if (type !== 'clipboard.passed' || object === undefined) return;
    const { direction, bytes } = details ?? {};
    const desktop = this.#ports.desktopOf(object.slice(object.indexOf('/') + 1));
    if (desktop?.wanted.inForce.rules.events.clipboard !== true) return;
    if ((direction === 'Up' || direction === 'Down') && typeof bytes === 'number')
      desktop.mark({ type: 'clipboard', direction, bytes });
  }

  /** Somebody used keyboard or pointer; a mark a second at most. @param key `namespace/name` of the session */
  input(key: string): void {
    const desktop = this.#ports.desktopOf(key);
    if (desktop?.wanted.inForce.rules.events.input !== true) return;
    const nowMs = performance.now();
    if (nowMs - (this.#inputAtMs.get(desktop) ?? -INPUT_EVERY_MS) < INPUT_EVERY_MS) return;
    this.#inputAtMs.set(desktop, nowMs);
    desktop.mark({ type: 'input' });
  }
}
