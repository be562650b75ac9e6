/** What the command line of a benchmark may say; undefined: the benchmark's own default. */
export interface BenchOptions {
  readonly vms: number | undefined;
  readonly clients: number | undefined;
  readonly rounds: number | undefined;
  /** NODE_OPTIONS of each operator that is started. */
  readonly nodeOptions: readonly string[];
}
