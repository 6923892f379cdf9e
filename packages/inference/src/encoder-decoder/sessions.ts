import { decoderGraph, encoderGraph } from '@weft/model'
import type { Session } from '@weft/ort'
import type { KeyedInputs } from '../compositions/adapter-tensors.ts'
import { loadGraph } from '../load-graph.ts'
import type { ModelSessions } from '../model-sessions.ts'

/** Pairs of sessions kept for compositions that act inside layers: a pair for every set of inputs. */
const KEPT = 4

/** An encoder's session and its decoder's, each made when it is asked for: rows with slots share a decoder alone. Whoever asked for a pair gives it back. */
export interface SessionPair {
  encoder: () => Promise<Session>
  decoder: () => Promise<Session>
  /** Those that were asked for. */
  made: Promise<Session>[]
  users: number
}

/** The sessions of an encoder-decoder, made when first asked for. */
export class EncoderDecoderSessions {
  readonly #sessions: ModelSessions
  readonly #threads: number
  readonly #pairs = new Map<string, SessionPair>()

  constructor(sessions: ModelSessions, threads: number) {
    this.#sessions = sessions
    this.#threads = threads
  }

  /** @param layers inputs for what acts inside layers; null for none */
  take(layers: KeyedInputs | null): SessionPair {
    const key = layers?.key ?? ''
    const pair = this.#pairs.get(key) ?? this.#open(key, layers)
    this.#pairs.delete(key)
    this.#pairs.set(key, pair)
    pair.users++
    for (const [oldest, unused] of this.#pairs) {
      if (this.#pairs.size <= KEPT + 1) break
      if (oldest === '' || oldest === key) continue
      this.#pairs.delete(oldest)
      if (unused.users === 0) void dispose(unused)
    }
    return pair
  }

  giveBack(pair: SessionPair): void {
    pair.users--
    if (pair.users === 0 && ![...this.#pairs.values()].includes(pair)) void dispose(pair)
  }

  async close(): Promise<void> {
    const pairs = [...this.#pairs.values()]
    this.#pairs.clear()
    await Promise.all(pairs.map(dispose))
  }

  #open(key: string, layers: KeyedInputs | null): SessionPair {
    const { runtime, model, device, weights } = this.#sessions
    const made: Promise<Session>[] = []
    const load = async (graph: typeof encoderGraph): Promise<Session> =>
      loadGraph(runtime, graph(model, layers ? { adapters: layers } : {}), model, { device, threads: this.#threads, weights })
    const once = (graph: typeof encoderGraph): (() => Promise<Session>) => {
      let session: Promise<Session> | undefined
      return () => {
        if (session) return session
        session = load(graph)
        made.push(session)
        // A failure is the asker's to see, and the next one may try again.
        session.catch(() => {
          if (this.#pairs.get(key) === pair) this.#pairs.delete(key)
        })
        return session
      }
    }
    const pair: SessionPair = { encoder: once(encoderGraph), decoder: once(decoderGraph), made, users: 0 }
    return pair
  }
}

async function dispose({ made }: SessionPair): Promise<void> {
  for (const session of await Promise.allSettled(made)) if (session.status === 'fulfilled') session.value.dispose()
}
