import type { Grammar } from '@weft/protocol'
import { grammarLeftRecursive, grammarOfNothing, grammarTooLarge, inText, unsupportedRegex } from '../errors.ts'
import { Automaton, DEAD } from './automaton/automaton.ts'
import { leftRecursion } from './automaton/left-recursion.ts'
import { shortestTexts } from './automaton/shortest-text.ts'
import { type Term, Terms } from './automaton/terms.ts'
import { character } from './characters.ts'
import { type ToolCalls, toolCalls } from './functions/tool-calls.ts'
import { SchemaDocuments } from './json-schema/schema.ts'
import { leftOut, refused } from './json-schema/unenforced.ts'
import { JsonText } from './json-text.ts'
import { regexTerm } from './regex.ts'

/** A grammar as a model's template has it. `spaced`: a space may stand before it, as behind the name of a call. */
export type TemplateGrammar = Exclude<Grammar, { type: 'tool_calls' }> | (Extract<Grammar, { type: 'json_schema' }> & { spaced: true }) | ToolCalls

/** The automaton of the texts that a request allows. @throws WeftError `unsupported_schema`, `unsupported_regex`, `grammar_of_nothing`, `grammar_too_large` */
export function automatonOf(grammar: TemplateGrammar, mostBytes?: number): Automaton {
  try {
    return compiled(grammar, mostBytes)
  } catch (error) {
    // Terms are walked by recursion: one that is deeper than the stack.
    throw error instanceof RangeError ? grammarTooLarge() : error
  }
}

function compiled(grammar: TemplateGrammar, mostBytes?: number): Automaton {
  const terms = new Terms()
  const texts = textsOf(terms, grammar)
  const shortest = shortestTexts(terms)
  const recursive = leftRecursion(terms.rules, shortest)
  if (recursive) throw grammarLeftRecursive(recursive.name)
  const automaton = new Automaton(terms, texts, shortest, mostBytes)
  if (automaton.start === DEAD) throw grammarOfNothing()
  return automaton
}

function textsOf(terms: Terms, grammar: TemplateGrammar): Term {
  switch (grammar.type) {
    case 'json_object':
      return new SchemaDocuments(new JsonText(terms), { type: 'object' }).documents
    case 'json_schema': {
      const { documents } = new SchemaDocuments(new JsonText(terms), grammar.schema, grammar.relaxed ? leftOut : refused)
      return 'spaced' in grammar ? terms.sequence(terms.optional(terms.text(' ')), documents) : documents
    }
    case 'regex':
      return regexTerm(terms, grammar.regex, { write: (ranges) => character(terms, ranges), whole: true, refuse: unsupportedRegex })
    case 'choice':
      return terms.choice(grammar.choice.map((text) => terms.text(text)))
    case 'tool_calls':
      return toolCalls(terms, grammar, grammar.text && ofText(() => textsOf(terms, grammar.text!)))
  }
}

function ofText(texts: () => Term): Term {
  try {
    return texts()
  } catch (error) {
    throw inText(error)
  }
}
