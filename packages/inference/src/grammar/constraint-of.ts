import { type LoadedModel, noTokenizer, type Tokenizer } from '@weft/model'
import type { Grammar } from '@weft/protocol'
import { LRUCache } from 'lru-cache'
import { grammarDeadEnd } from '../errors.ts'
import { Constraint } from './constraint.ts'
import { automatonOf } from './grammar.ts'
import { TokenMasks } from './token-mask.ts'
import { tokenTries } from './token-trie.ts'

interface Compiled {
  first: TokenMasks
  later: TokenMasks
}

/** Grammars that are kept with their masks, of each tokenizer. */
const KEPT = 32
/** Terms of an automaton past which the next request begins a new one: answers walk further and further into a grammar without bounds. */
const MOST_TERMS = 200_000

const known = new WeakMap<Tokenizer, LRUCache<string, Compiled>>()

/**
 * What keeps one answer of a model to a grammar. The tokens' bytes are read once a tokenizer, a grammar is compiled once while it is kept.
 * @throws WeftError `unsupported_schema`, `unsupported_regex`, `grammar_of_nothing`, `grammar_too_complex`, `grammar_dead_end`
 */
export async function constraintOf({ name, tokenizer, spec }: LoadedModel, grammar: Grammar): Promise<Constraint> {
  if (!tokenizer) throw noTokenizer(name)
  const kept = known.get(tokenizer) ?? new LRUCache<string, Compiled>({ max: KEPT })
  known.set(tokenizer, kept)
  const key = JSON.stringify(grammar)
  let compiled = kept.get(key)
  if (!compiled || compiled.later.automaton.size > MOST_TERMS) {
    const automaton = automatonOf(grammar)
    const tries = await tokenTries(tokenizer, spec.vocabSize)
    const later = new TokenMasks(automaton, tries.later)
    compiled = { later, first: tries.first === tries.later ? later : new TokenMasks(automaton, tries.first) }
    const { start } = automaton
    if (compiled.first.of(start).count === 0 && !automaton.isComplete(start)) throw grammarDeadEnd()
    kept.set(key, compiled)
  }
  return new Constraint(compiled.first, compiled.later, tokenizer)
}
