import type { SqlDatabase } from '@weft/edge/host'

export type HostedKind = 'job' | 'batch'

/** What jobs, or batches, remember of themselves: a row each. */
export class HostedRows {
  readonly #database: SqlDatabase
  readonly #kind: HostedKind

  constructor(database: SqlDatabase, kind: HostedKind) {
    this.#database = database
    this.#kind = kind
  }

  async read<S>(id: string): Promise<S | undefined> {
    const json = await this.#database.prepare('SELECT state FROM hosted WHERE kind = ? AND id = ?').bind(this.#kind, id).first<string>('state')
    return json === null ? undefined : (JSON.parse(json) as S)
  }

  /** What is written is open: something may still be to be done. @param json the state */
  async write(id: string, json: string): Promise<void> {
    const insert = this.#database.prepare(
      'INSERT INTO hosted (kind, id, state, open) VALUES (?1, ?2, ?3, 1) ON CONFLICT (kind, id) DO UPDATE SET state = excluded.state, open = 1',
    )
    await insert.bind(this.#kind, id, json).run()
  }

  async open(id: string): Promise<void> {
    await this.#database.prepare('UPDATE hosted SET open = 1 WHERE kind = ? AND id = ?').bind(this.#kind, id).run()
  }

  /** Nothing is to be done until it is written or opened again. */
  async close(id: string): Promise<void> {
    await this.#database.prepare('UPDATE hosted SET open = 0 WHERE kind = ? AND id = ?').bind(this.#kind, id).run()
  }

  /** Ids of all that are open, as an earlier process has left them. */
  async left(): Promise<string[]> {
    const { results } = await this.#database.prepare('SELECT id FROM hosted WHERE kind = ? AND open = 1').bind(this.#kind).all<{ id: string }>()
    return results.map(({ id }) => id)
  }
}
