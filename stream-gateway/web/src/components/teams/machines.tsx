// The machines of a team with their keys. Which there are stands in Git with the members; their keys are made here.
import { Button, Modal } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { MachineView } from '../../../../../schemas/api/machines.ts';
import { useMachines } from '../../api/account/key-queries.ts';
import { text } from '../../text/text.ts';
import { KeyRows } from '../account/key-rows.tsx';
import { KeyTable } from '../account/key-table.tsx';
import { NewKey } from '../account/new-key.tsx';
import { Facts, Section } from '../ui/page.tsx';
import { QueryState } from '../ui/query-state.tsx';

const words = text.teams.machines;

interface MachinesProps {
  readonly team: string;
  /** False: it is known that the answer would be a refusal, so nobody is asked. */
  readonly allowed: boolean;
}

export function Machines({ team, allowed }: MachinesProps) {
  const query = useMachines(team, allowed);
  if (!allowed)
    return (
      <Section title={words.title}>
        <p className="ss-note">
          {words.forbidden} {text.whoGrants.team}
        </p>
      </Section>
    );
  return (
    <Section title={words.title} note={words.note}>
      <QueryState
        query={query}
        failed={words.failed}
        forbidden={{ why: words.forbidden, who: text.whoGrants.team }}
        rows={2}
        height={44}
      >
        {({ items, namespace, may }) =>
          items.length === 0 ? (
            <p className="ss-note">{words.none}</p>
          ) : (
            items.map((machine) => (
              <Machine key={machine.name} team={team} machine={machine} namespace={namespace} mayUpdate={may.update} />
            ))
          )
        }
      </QueryState>
    </Section>
  );
}

interface MachineProps {
  readonly team: string;
  readonly machine: MachineView;
  readonly namespace: string;
  readonly mayUpdate: boolean;
}

function Machine({ team, machine, namespace, mayUpdate }: MachineProps) {
  const [creating, setCreating] = useState(false);
  const owner = { team, machine: machine.name };
  const close = () => setCreating(false);
  return (
    <section aria-label={machine.name}>
      <Facts
        rows={[
          [words.name, machine.name],
          [words.role, text.roles[machine.role]],
          ...(machine.description === null ? [] : [[words.purpose, machine.description] as const]),
          [words.user, <code key="user">{machine.user}</code>],
          [words.serviceAccount, <code key="account">{`${namespace}/${machine.serviceAccount}`}</code>],
        ]}
      />
      {machine.apiKeys.length === 0 ? (
        <p className="ss-note">{words.noKeys}</p>
      ) : mayUpdate ? (
        <KeyRows keys={machine.apiKeys} owner={owner} />
      ) : (
        <KeyTable keys={machine.apiKeys} />
      )}
      {mayUpdate ? (
        <Button
          mt="xs"
          size="xs"
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden="true" />}
          aria-label={words.newKeyFor(machine.name)}
          onClick={() => setCreating(true)}
        >
          {text.account.newKey}
        </Button>
      ) : null}
      <Modal
        opened={creating}
        onClose={close}
        title={words.newKeyFor(machine.name)}
        closeButtonProps={{ 'aria-label': text.close }}
      >
        <NewKey owner={owner} onDone={close} />
      </Modal>
    </section>
  );
}
