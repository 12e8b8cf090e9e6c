// `import.meta.glob` in a configuration: rendering replaces it by the modules that match, as Vite does. This is its type.

/** What a pattern found, by path, in the order of the paths. */
export type GlobModules<M> = Readonly<Record<string, M>>;

export interface GlobOptions {
  /** Always: rendering loads every module. */
  readonly eager: true;
  /**
   * One export of each module instead of the module.
   * @default - the whole module
   */
  readonly import?: string;
}

declare global {
  interface ImportMeta {
    /**
     * Loads every file of the repository that matches, relative to this file. Patterns are literals, not computed.
     * @example const templates = import.meta.glob<Add>('./templates/*.ts', { eager: true, import: 'default' });
     */
    glob<M>(pattern: string | readonly string[], options: GlobOptions): GlobModules<M>;
  }
}
