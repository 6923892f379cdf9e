import { expecting } from '@weft/adapters'
import { adapterSchema, methodObjectSchema, modelObjectSchema, routeSchema } from '@weft/protocol'
import * as z from 'zod/mini'
import { mcpTool } from '../tool.ts'

const kinds = ['models', 'adapters', 'routes', 'methods'] as const

export const list = mcpTool({
  name: 'list',
  title: 'List models, adapters, routes, methods',
  description:
    'What this Weft has: base models, adapters (trained prompts, by name and version), routes (names for compositions), and methods that adapters are trained with. Any of these can stand in an expression such as "base + style/speech + 0.5*style/whale".',
  input: z.strictObject({
    kinds: z._default(z.array(z.enum(kinds), expecting(`a list of ${kinds.join(', ')}, such as ["models"]`)).check(z.minLength(1)), [
      'models',
      'adapters',
      'routes',
    ]),
  }),
  answer: z.object({
    models: z.optional(z.array(modelObjectSchema)),
    adapters: z.optional(z.array(adapterSchema)),
    routes: z.optional(z.array(routeSchema)),
    methods: z.optional(z.array(methodObjectSchema)),
  }),
  readOnly: true,
  async run({ kinds }, { weft }) {
    const has = (kind: (typeof kinds)[number]) => kinds.includes(kind)
    return {
      // Adapters and routes are listed with what they are made of below.
      ...(has('models') ? { models: (await weft.models()).filter(({ kind }) => kind === 'base') } : {}),
      ...(has('adapters') ? { adapters: await weft.adapters.list() } : {}),
      ...(has('routes') ? { routes: await weft.routes.list() } : {}),
      ...(has('methods') ? { methods: await weft.methods() } : {}),
    }
  },
})
