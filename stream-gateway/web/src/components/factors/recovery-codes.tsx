// Makes recovery codes and shows them, once.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useGateway } from '../../api/context.tsx';
import { toApiError } from '../../api/problem.ts';
import { text } from '../../text/text.ts';
import { CopyText } from '../ui/copy-button.tsx';
import { Failed, Loading } from '../ui/states.tsx';

const words = text.factors;

export function NewRecoveryCodes({ onDone }: { readonly onDone: () => void }) {
  const { api } = useGateway();
  const codes = useQuery({
    queryKey: ['recovery-codes'],
    queryFn: () => api.issueRecoveryCodes(),
    ...{ retry: false, gcTime: 0, staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false },
  });
  if (codes.error !== null && !codes.isFetching)
    return <Failed title={words.codes} error={toApiError(codes.error)} retry={() => void codes.refetch()} />;
  if (codes.data === undefined) return <Loading rows={5} height={24} />;
  return (
    <div className="ss-form">
      <p>
        <strong>{words.keepTitle}</strong> {words.keepText}
      </p>
      <ul className="ss-recovery-codes">
        {codes.data.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className="ss-form-actions">
        <CopyText value={codes.data.join('\n')} label={words.copyAll} />
        <Button onClick={onDone}>{words.kept}</Button>
      </div>
    </div>
  );
}
