import { describeIssues } from '@weft/adapters'
import { givenHyperparametersSchema } from '@weft/methods'
import * as z from 'zod/mini'
import { invalidConfiguration } from '../errors.ts'
import { putRouteSchema, routeDefaultsSchema } from '../wire/adapters/routes.ts'
import { policySchema } from '../wire/policy/policy.ts'

const texts = z.array(z.string())
const origin = z.string().check(
  z.refine((given) => URL.canParse(given) && new URL(given).origin === given.toLowerCase(), {
    error: ({ input }) => `${JSON.stringify(input)} is no origin as browsers send it; expected one such as "https://app.example", without a path`,
  }),
)
const whole = z.int().check(z.gte(1))
const filled = z.string().check(z.regex(/\S/, 'expected a text, and not a blank one'))

/** Of a loose object: its own check says what it may be. */
const read = z.optional(z.unknown())

const publishRule = z.looseObject({
  names: z.optional(texts),
  maxBytes: z.optional(z.number()),
  evaluate: z.optional(
    z.looseObject({
      file: z.string(),
      metric: z.string(),
      atLeast: z.optional(z.number()),
      atMost: z.optional(z.number()),
      notWorseThan: z.optional(z.literal('previous')),
      tolerance: z.optional(z.number()),
      rows: z.optional(z.number()),
    }),
  ),
  interference: z.optional(z.looseObject({ probes: z.optional(z.string()), worst: read })),
  probes: z.optional(z.boolean()),
})

const pool = z.looseObject({ urls: z.optional(texts), dns: z.optional(z.string()), for: z.optional(texts) })
const executor = z.looseObject({
  kind: z.string(),
  models: z.optional(z.record(z.string(), filled)),
  python: z.optional(filled),
  runtime: z.optional(filled),
  namespace: z.optional(filled),
  image: z.optional(filled),
  ...{ url: read, edge: read, token: read, hours: read, workers: read, nodes: read, gpus: read, cpus: read },
})

const nameCover = z.optional(z.union([z.literal(true), texts]))
const models = z.record(
  z.string(),
  z.strictObject({
    path: z.optional(filled),
    hub: z.optional(filled),
    revision: z.optional(filled),
    precision: z.optional(z.enum(['float32', 'float16', 'bfloat16', 'int8', 'int4'])),
  }),
)

/** What `WeftConfig` says in types; of a loose object its own check says which fields it reads, and how they go together. It is for who writes it where nobody checks them. */
export const configShape = z.strictObject({
  models,
  plugins: z.array(z.looseObject({ id: z.string() })),
  routes: z.optional(z.record(z.string(), putRouteSchema)),
  tenants: z.optional(
    z.record(
      z.string(),
      z.strictObject({
        suspended: z.optional(z.boolean()),
        shares: z.optional(z.array(z.strictObject({ prefix: z.string(), readers: texts }))),
        policy: z.optional(policySchema),
      }),
    ),
  ),
  oidc: z.optional(
    z.strictObject({
      issuer: z.string(),
      audience: z.string(),
      jwksUrl: z.string(),
      algorithms: z.optional(texts),
      clockSkewSeconds: z.optional(z.number().check(z.gte(0))),
      jwksCooldownSeconds: z.optional(z.number().check(z.gte(0))),
      claims: z.optional(z.strictObject({ tenant: z.optional(z.string()), role: z.optional(z.string()), scopes: z.optional(z.string()) })),
    }),
  ),
  origins: z.optional(z.array(origin)),
  publish: z.optional(z.union([publishRule, z.array(publishRule)])),
  signing: z.optional(
    z.strictObject({
      keys: z.optional(z.array(z.strictObject({ id: z.string(), name: z.optional(z.string()), expires: z.optional(z.string()) }))),
      publish: nameCover,
      load: nameCover,
    }),
  ),
  runner: z.optional(
    z.looseObject({
      kind: read,
      device: z.optional(z.enum(['cpu', 'cuda', 'webgpu'])),
      threads: z.optional(whole),
      url: z.optional(z.string()),
      slots: z.optional(whole),
      waiting: z.optional(whole),
    }),
  ),
  runners: z.optional(
    z.union([texts, z.looseObject({ pools: z.optional(z.record(z.string(), pool)), dns: z.optional(z.string()), resolver: read, placing: read })]),
  ),
  executors: z.optional(z.record(z.string(), executor)),
  storage: z.optional(z.strictObject({ state: z.optional(filled) })),
  responses: z.optional(z.strictObject({ retentionDays: z.optional(z.number().check(z.gte(0))) })),
  defaults: z.optional(
    z.strictObject({
      sampling: z.optional(routeDefaultsSchema),
      hyperparameters: z.optional(givenHyperparametersSchema),
      method: z.optional(z.string()),
    }),
  ),
})

/** That every field of a configuration is one that is read, and of its type. Error `config_invalid`, with the field as it is written there. */
export function checkShape(config: unknown): void {
  const { error } = configShape.safeParse(config)
  if (error) throw invalidConfiguration(describeIssues(error.issues, '', configShape, (field) => field))
}
