import { type Definition, unknownPart } from './definition.ts'

/** A text's ids with the special ones around them. */
export type PostProcessor = (ids: number[]) => number[]

const template = ({ single, special_tokens }: Definition): PostProcessor => {
  const parts: (number[] | null)[] = single.map((item: Definition) => (item.Sequence ? null : special_tokens[item.SpecialToken.id].ids))
  return (ids) => parts.flatMap((part) => part ?? ids)
}

const between =
  ({ cls, sep }: Definition): PostProcessor =>
  (ids) => [cls[1], ...ids, sep[1]]

const POST_PROCESSORS: Record<string, (definition: Definition) => PostProcessor> = {
  BertProcessing: between,
  ByteLevel: () => (ids) => ids,
  RobertaProcessing: between,
  Sequence: ({ processors }) => {
    const steps: PostProcessor[] = processors.map(createPostProcessor)
    return (ids) => steps.reduce((done, step) => step(done), ids)
  },
  TemplateProcessing: template,
}

export function createPostProcessor(definition: Definition | null): PostProcessor {
  if (!definition) return (ids) => ids
  const make = Object.hasOwn(POST_PROCESSORS, definition.type) ? POST_PROCESSORS[definition.type] : undefined
  if (!make) throw unknownPart('post-processor', definition)
  return make(definition)
}
