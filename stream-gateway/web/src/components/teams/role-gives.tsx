// What a role gives, resource by resource.
import { type RuleOf, ruleWords } from '../../model/access/rule-words.ts';

export function RoleGives({ rules }: { readonly rules: readonly RuleOf[] }) {
  return (
    <ul className="ss-role-gives">
      {ruleWords(rules).map(({ resources, verbs }) => (
        <li key={verbs}>
          <strong>{verbs}</strong> {resources}
        </li>
      ))}
    </ul>
  );
}
