/** What a trainer is started with. */
export interface Launch {
  /** Of this attempt at a job, and no other: lowercase letters, digits and "-". Who starts the same twice has started it once. */
  name: string
  job: string
  /** Where the trainer reaches this edge. */
  edge: string
  /** What it shows there: good for this job, and for this attempt at it. */
  token: string
}

/** What an executor says of a trainer that it was given. */
export interface Standing {
  status: 'waiting' | 'running' | 'ended'
  /** In its own words: why it waits, or how it ended. */
  message?: string
}

/**
 * Starts trainers somewhere else, and knows of each whether it is still there. What is learned, and the result, the trainer itself brings to the edge. Errors:
 * 503 `executor_unavailable`, which passes; `executor_refused`, which does not.
 */
export interface Executor {
  /** Gives the handle by which it is found. */
  start(launch: Launch): Promise<string>
  /** Undefined for one that it does not know. */
  standing(handle: string): Promise<Standing | undefined>
  /** Whether it can be asked for a trainer now, without asking for one: throws why not, within seconds. */
  reach(): Promise<void>
  /** Ends it and takes away what is left of it. Harmless for one that it does not know. */
  stop(handle: string): Promise<void>
}
