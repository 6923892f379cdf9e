import { camelCase } from '@weft/adapters'
import { onTheWire } from '@weft/protocol'
import type { Hono } from 'hono'
import { generateSpecs } from 'hono-openapi'
import { permissions, tellsMore, trainerEndpoints } from '../auth/permissions.ts'
import { ignoredFields } from '../http/ignored-fields.ts'
import { readablePath } from '../http/readable-path.ts'
import type { Variables } from '../http/variables.ts'
import { headerComponents, withHeaderParameters } from './header-parameters.ts'
import { operationsOf, type Paths } from './operation.ts'
import { refusalComponents, withRefusals } from './refusals.ts'

/** The document of an app: what its endpoints say of themselves, and what holds for all of them. */
export async function openapiDocument(app: Hono<Variables>): Promise<object> {
  const specs = await generateSpecs(app, {
    defaultValidationErrorResponse: false,
    documentation: {
      info: {
        title: 'Weft',
        version: '0.1.0',
        description: 'Trained prompts, composed per request. The `model` field takes a base model, a route, or an expression.',
      },
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer' },
          trainerToken: { type: 'http', scheme: 'bearer', description: "Of one job's present trainer, which its executor was given" },
        },
      },
      security: [{ apiKey: [] }],
    },
  })
  const described = onTheWire({ ...specs, paths: readablePaths(specs.paths as unknown as Paths) }) as { paths: Paths; components: object }
  withIgnoredFields(described.paths)
  withRefusals(described.paths)
  withHeaderParameters(described.paths)
  return { ...described, components: { ...described.components, ...refusalComponents, parameters: headerComponents } }
}

/** Paths as readers see them, and who may ask each. */
function readablePaths(paths: Paths): Paths {
  return Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => {
      const readable = readablePath(path)
      const names = [...readable.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
      for (const [verb, operation] of Object.entries(methods)) {
        operation.operationId = operationId(verb, readable)
        const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
        const [first] = inPath
        if (first && inPath.length < names.length) operation.parameters?.push(...names.slice(1).map((name) => ({ ...first, name })))
        if (first && names[0]) first.name = names[0]
        const endpoint = `${verb.toUpperCase()} ${readable}`
        const permission = permissions[endpoint]
        operation.security = permission
          ? [{ apiKey: [] }]
          : trainerEndpoints.has(endpoint)
            ? [{ trainerToken: [] }]
            : tellsMore(readable)
              ? [{}, { apiKey: [] }]
              : []
        if (permission) operation['x-weft-roles'] = permission.roles
      }
      return [readable, methods]
    }),
  )
}

/** `getV1FilesById`: what generated clients call it. */
const operationId = (verb: string, path: string): string =>
  camelCase(
    [verb, ...path.split('/').map((part) => part.replace(/^\{(\w+)\}$/, 'by_$1'))]
      .filter(Boolean)
      .join('_')
      .replace(/[^A-Za-z0-9]+/g, '_'),
  )

/** Bodies also take what is ignored on purpose: the document says so, field by field. */
function withIgnoredFields(paths: Paths): void {
  for (const { operation } of operationsOf(paths)) {
    const schema = operation.requestBody?.content?.['application/json']?.schema
    if (!schema?.properties) continue
    for (const [name, why] of Object.entries(ignoredFields)) schema.properties[name] ??= { description: `Ignored: ${why}.` }
  }
}
