// What the policies come to for one session, each value with the object that it comes from.
import { IconShield, IconShieldOff } from '@tabler/icons-react';
import {
  contentRuleText,
  type EffectivePolicyView,
  policyName,
  type RuleRow,
  ruleRows,
} from '../../model/sessions/session-rules.ts';
import { text } from '../../text/text.ts';
import { Section } from '../ui/page.tsx';

export function RulesInForce({ policy }: { readonly policy: EffectivePolicyView | undefined }) {
  const { rules } = text;
  if (policy === undefined)
    return (
      <Section title={rules.title}>
        <p className="ss-note">{rules.unknown}</p>
      </Section>
    );
  const { rules: content } = policy.dlp.clipboard;
  const denied = policy.dlp.files?.denyTypes ?? [];
  return (
    <Section title={rules.title} note={rules.policies(policy.policies.length)}>
      {policy.policies.length === 0 ? <p className="ss-note">{rules.noPolicy}</p> : null}
      <dl className="ss-facts ss-rules">
        {ruleRows(policy).map((row) => (
          <Row key={row.field} row={row} policies={policy.policies} />
        ))}
      </dl>
      {content.length === 0 ? null : (
        <>
          <h3>{rules.content}</h3>
          <ul className="ss-rule-list">
            {content.map((rule) => (
              <li key={`${rule.policy}/${rule.name}`}>
                <strong>{rule.name}</strong> <span>{contentRuleText(rule)}</span>{' '}
                <From origin={`DlpPolicy/${rule.policy}`} policies={policy.policies} />
              </li>
            ))}
          </ul>
        </>
      )}
      {denied.length === 0 ? null : (
        <>
          <h3>{rules.deniedTypes}</h3>
          <ul className="ss-rule-list">
            {denied.map(({ policy: from, type }) => (
              <li key={`${from}/${type}`}>
                <strong>{type}</strong> <From origin={`DlpPolicy/${from}`} policies={policy.policies} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}

type Policies = EffectivePolicyView['policies'];

function Row({ row, policies }: { readonly row: RuleRow; readonly policies: Policies }) {
  const Icon = row.limited ? IconShield : IconShieldOff;
  return (
    <div data-limited={row.limited}>
      <dt>
        <Icon size={14} aria-hidden="true" className="ss-inline-icon" /> {row.label}
      </dt>
      <dd>
        {row.value} {row.from === null ? null : <From origin={row.from} policies={policies} />}
      </dd>
    </div>
  );
}

function From({ origin, policies }: { readonly origin: string; readonly policies: Policies }) {
  const { rules } = text;
  const name = policyName(origin);
  const revision = policies.find((each) => `${each.kind}/${each.namespace}/${each.name}` === origin)?.revision;
  return (
    <span className="ss-note">
      {rules.from} <code>{name}</code>
      {revision === undefined ? null : `, ${rules.revision(revision)}`}
    </span>
  );
}
