import { basename, dirname } from 'node:path'
import { modelShape } from '../architectures/architectures.ts'
import { checkedEntries } from '../checkpoint/open.ts'
import { storedTensors } from '../checkpoint/stored-tensors.ts'
import { FileWeights } from '../checkpoint/weights.ts'
import { rawConfig } from '../config.ts'
import { unsupportedGguf } from '../errors.ts'
import { fingerprint } from '../fingerprint.ts'
import type { LoadedModel, LoadOptions } from '../loaded-model.ts'
import { createChat } from '../tokenizer/chat.ts'
import type { ChatTemplates } from '../tokenizer/chat-templates.ts'
import { createTokenizer, withinVocabulary } from '../tokenizer/tokenizer.ts'
import { ggufArchitectures } from './architectures.ts'
import { configJson } from './config-json.ts'
import { readGguf } from './gguf-file.ts'
import { type MetadataReader, metadataOf } from './metadata.ts'
import { rotaryFactors } from './rotary/rotary-factors.ts'
import { namedTensors } from './tensor-names.ts'
import { tokenizerJson } from './tokenizer-json.ts'

/**
 * A base model from one GGUF (or its parts): config, tokenizer and chat template from its metadata, weights dequantized to float32 as they are read.
 * Throws what `readGguf` throws, `unsupported_architecture`, `unsupported_tokenizer`, and what a folder's checkpoint can be refused for.
 */
export async function loadGguf(source: string, file: string, options: LoadOptions = {}): Promise<LoadedModel> {
  const { metadata, tensors: all } = await readGguf(file)
  const read = metadataOf(file, metadata)
  const architectureName = read.neededText('general.architecture')
  const stored = Object.hasOwn(ggufArchitectures, architectureName) ? ggufArchitectures[architectureName] : undefined
  if (!stored) throw unsupportedGguf(file, architectureName, Object.keys(ggufArchitectures))
  const { tensors, ...factors } = rotaryFactors(file, all, stored)
  const raw = rawConfig(configJson(read, architectureName, stored, tensors, factors), file)
  const { architecture, config: told, spec } = modelShape(raw, file)
  const named = namedTensors(tensors, stored, { query: spec.numHeads, key: spec.numKeyValueHeads })
  const config = architecture.withTensors?.(told, storedTensors(named)) ?? told
  const shape = { architecture, config, spec: config === told ? spec : architecture.spec(config) }
  const entries = checkedEntries(named, shape.spec.weights, (tensor) => architecture.ignored(config, tensor))
  const { definition, special, ids } = tokenizerJson(read)
  return {
    ...shape,
    source,
    name: basename(file).replace(/\.gguf$/i, ''),
    folder: dirname(file),
    fingerprint: await fingerprint(shape.config, entries, options.stateDir),
    weights: new FileWeights(entries),
    stored: Object.fromEntries([...entries].map(([name, { dtype }]) => [name, dtype])),
    tokenizer: withinVocabulary(createTokenizer(definition, special, ids, file), shape.spec.vocabSize),
    chat: createChat(chatTemplates(read), special),
  }
}

/** The one that serves, and others by name, such as that for tools. */
function chatTemplates(read: MetadataReader): ChatTemplates {
  const named = (read.texts('tokenizer.chat_templates') ?? []).map((name) => [name, read.text(`tokenizer.chat_template.${name}`)] as const)
  return new Map([['default', read.text('tokenizer.chat_template')] as const, ...named].filter((each): each is [string, string] => each[1] !== undefined))
}
