import { sha256 } from '@weft/adapters'
import { PluginRegistry } from '@weft/methods'
import promptTuning from '@weft/plugins/prompt-tuning'
import { expect, test } from 'vitest'
import { publishAdapter } from '../src/adapters/publish.ts'
import { signatures } from '../src/adapters/signatures.ts'
import { collectGarbage } from '../src/collect/collect-garbage.ts'
import type { TenantStores } from '../src/stores/tenant-stores.ts'
import { adapterFile } from '../test/tiny-model.ts'
import { memoryStores } from './memory-stores.ts'

/** Runs actors one step at a time, in the order that `schedule` says; where it ends, the first that waits is next. */
class Turns {
  readonly #waiting: { actor: number; go: () => void }[] = []
  /** How many could have gone at each step. */
  readonly choices: number[] = []

  turn = (actor: number): Promise<void> => new Promise((go) => this.#waiting.push({ actor, go }))

  async run(actors: readonly (() => Promise<unknown>)[], schedule: readonly number[]): Promise<void> {
    let left = actors.length
    const done = actors.map((actor) => actor().finally(() => left--))
    while (left > 0) {
      // Everybody has come to a step, or to the end.
      while (this.#waiting.length < left) await new Promise((resolve) => setImmediate(resolve))
      if (left === 0) break
      const waiting = this.#waiting.toSorted((a, b) => a.actor - b.actor)
      const next = waiting[schedule[this.choices.length] ?? 0]!
      this.choices.push(waiting.length)
      this.#waiting.splice(this.#waiting.indexOf(next), 1)
      next.go()
    }
    await Promise.all(done)
  }
}

/** The same stores, where every step of files and names waits for its turn. */
const inTurns = (stores: TenantStores, turns: Turns, actor: number): TenantStores => {
  const stepped = <T extends object>(store: T): T =>
    new Proxy(store, {
      get: (of, key) => {
        const method = Reflect.get(of, key) as unknown
        return typeof method === 'function' ? async (...given: unknown[]) => (await turns.turn(actor), Reflect.apply(method, of, given)) : method
      },
    })
  return { ...stores, names: stepped(stores.names), blobs: stepped(stores.blobs) }
}

/** Every order in which two actors can take their steps. */
async function* schedules(run: (schedule: number[]) => Promise<number[]>): AsyncGenerator<number[]> {
  let schedule: number[] | undefined = []
  while (schedule) {
    const choices = await run(schedule)
    yield schedule
    const taken = choices.map((_, at) => schedule![at] ?? 0)
    const last = taken.findLastIndex((choice, at) => choice + 1 < choices[at]!)
    schedule = last < 0 ? undefined : [...taken.slice(0, last), taken[last]! + 1]
  }
}

const plugins = new PluginRegistry([promptTuning])
const publisherOf = (stores: TenantStores) => ({
  ...stores,
  plugins,
  signatures: signatures({}, undefined),
  gate: { checkSize: () => {}, measures: () => false },
  now: () => 1,
})

test.each(['a file that no name points to', 'the last version of the same file'])(
  'in every order of steps, publishing a digest while %s is collected loses nothing',
  async (before) => {
    const bytes = await adapterFile({ value: 0.5 })
    const newer = await adapterFile({ value: 0.25 })
    const digest = await sha256(bytes)
    let orders = 0
    const run = async (schedule: number[]): Promise<number[]> => {
      const stores = memoryStores().open('default')
      if (before.startsWith('a file')) await stores.blobs.put(digest, bytes)
      else for (const file of [bytes, newer]) await publishAdapter(publisherOf(stores), { name: 'old/name', bytes: file, models: [] })
      const turns = new Turns()
      const collected = Math.floor(Date.now() / 1000) + 1000
      await turns.run(
        [
          () => publishAdapter(publisherOf(inTurns(stores, turns, 0)), { name: 'new/name', bytes, models: [] }),
          () => collectGarbage(inTurns(stores, turns, 1), { files: new Map(), shares: [] }, collected, { dryRun: false, graceSeconds: 0, keep: 1 }),
        ],
        schedule,
      )
      const named = await stores.names.find('new/name')
      expect(named?.digest).toBe(digest)
      expect(await stores.blobs.get(digest), schedule.join('')).toEqual(bytes)
      return turns.choices
    }
    for await (const _ of schedules(run)) orders++
    expect(orders).toBeGreaterThan(20)
  },
)
