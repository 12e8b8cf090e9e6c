// Where nobody is a machine.
export const NO_MACHINES = { has: () => false, isAccountOf: () => false } as const;
export const NO_MACHINE_TOKENS = { read: async () => ({ refused: 'invalid' }) } as const;
