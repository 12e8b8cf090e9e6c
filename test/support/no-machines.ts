// Where nobody is a machine.
import type { MachineTokens } from '../../stream-gateway/machines/machine-tokens.ts';

export const NO_MACHINES = { has: () => false, isAccountOf: () => false } as const;
export const NO_MACHINE_TOKENS: Pick<MachineTokens, 'read'> = { read: async () => ({ refused: 'invalid' }) };
