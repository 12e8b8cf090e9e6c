// What changed of an object: each field with what it was and what it is, and the whole object where the log has it.
import type { AuditEventView } from '../../api/access/audit-api.ts';
import { changedFieldsOf, objectText } from '../../model/git/object-change.ts';
import { text } from '../../text/text.ts';

const words = text.audit.change;

export function ObjectChange({ event }: { readonly event: AuditEventView }) {
  const fields = changedFieldsOf(event);
  const [before, after] = [objectText(event.details['before']), objectText(event.details['after'])];
  return (
    <>
      {fields === undefined ? null : (
        <ul className="ss-plain-list" aria-label={words.fields}>
          {fields.map(({ path, ...sides }) => (
            <li key={path}>
              <code>{path}</code>: <span>{sides.before ?? words.absent}</span> → <span>{sides.after ?? words.absent}</span>
            </li>
          ))}
        </ul>
      )}
      {event.details['diffIncomplete'] === true ? <p>{words.incomplete}</p> : null}
      <Whole label={words.before} value={before} />
      <Whole label={words.after} value={after} />
    </>
  );
}

function Whole({ label, value }: { readonly label: string; readonly value: string | undefined }) {
  if (value === undefined) return null;
  return (
    <details className="ss-audit-object">
      <summary>{label}</summary>
      <pre>{value}</pre>
    </details>
  );
}
