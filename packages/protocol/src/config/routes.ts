import { issuesText, isWeftError, parse, routeNameSchema } from '@weft/adapters'
import { safeParse } from 'zod/v4/core'
import { invalidRoutesConfig } from '../errors.ts'
import { compositionsOf, type RouteText } from '../policy/check-route.ts'

interface Configured {
  models: Readonly<Record<string, unknown>>
  routes?: Readonly<Record<string, RouteText>>
}

/** That every route can be reached by its name, hides no base model, and says what can be read: as the API asks of a route that is put. Error `routes_config_invalid`. */
export function checkRoutes({ models, routes = {} }: Configured): void {
  for (const [name, route] of Object.entries(routes)) {
    const { error } = safeParse(routeNameSchema, name)
    if (error) throw invalidRoutesConfig(`routes: ${issuesText(error.issues, `"${name}" cannot be a route's name`)}. Name the route otherwise.`)
    if (Object.hasOwn(models, name))
      throw invalidRoutesConfig(`routes: "${name}" is a base model of "models", which a route of the same name would hide. Name one of them otherwise.`)
    for (const { path, composition } of compositionsOf(route)) readable(`routes.${name}.${path}`, composition)
  }
}

function readable(path: string, composition: unknown): void {
  // What is no text is told by the route's schema.
  if (typeof composition !== 'string') return
  try {
    parse(composition)
  } catch (error) {
    if (!isWeftError(error)) throw error
    throw invalidRoutesConfig(`${path}: ${error.message}`)
  }
}
