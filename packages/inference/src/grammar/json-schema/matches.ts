import { LRUCache } from 'lru-cache'
import { type Automaton, DEAD } from '../automaton/automaton.ts'
import { automatonOf } from '../grammar.ts'

const known = new LRUCache<string, { automaton: Automaton | undefined }>({ max: 64 })

/** Whether a text matches a pattern of a schema, in time that grows with the text alone: somebody else's pattern may be one that RegExp is never done with. */
export function matches(pattern: string, text: string): boolean {
  const kept = known.get(pattern) ?? { automaton: ofPattern(pattern) }
  known.set(pattern, kept)
  const { automaton } = kept
  if (!automaton) return true
  try {
    let state = automaton.start
    for (const byte of new TextEncoder().encode(JSON.stringify(text))) {
      state = automaton.next(state, byte)
      if (state === DEAD) return false
    }
    return automaton.isComplete(state)
  } catch {
    // Too complex to be followed.
    return true
  }
}

/** undefined of a pattern that no grammar can say: it is not enforced in answers either. */
function ofPattern(pattern: string): Automaton | undefined {
  try {
    return automatonOf({ type: 'json_schema', schema: { type: 'string', pattern } })
  } catch {
    return undefined
  }
}
