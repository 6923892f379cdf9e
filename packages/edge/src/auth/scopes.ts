/** A scope in its two parts: `name/legal/` is `['name', 'legal/']`. */
const partsOf = (scope: string): [kind: string, value: string] => {
  const at = scope.indexOf('/')
  return [scope.slice(0, at), scope.slice(at + 1)]
}

/** What scopes let through. Without any, everything; with some, only what one of them names. Base models are open unless a scope names some. */
export interface Allowed {
  name(name: string): boolean
  route(name: string): boolean
  model(...names: string[]): boolean
}

export function allowedBy(scopes: readonly string[]): Allowed {
  const parts = scopes.map(partsOf)
  const of = (kind: string): string[] => parts.filter(([is]) => is === kind).map(([, value]) => value)
  const [prefixes, routes, models] = [of('name'), of('route'), of('model')]
  const name = (asked: string): boolean => scopes.length === 0 || prefixes.some((prefix) => asked.startsWith(prefix))
  return {
    name,
    route: (asked) => name(asked) || routes.includes(asked),
    model: (...asked) => models.length === 0 || asked.some((each) => models.includes(each)),
  }
}

/** Whether `scopes` let through no more than `held` do: whoever makes a key gives away only what is theirs. */
export function within(held: readonly string[], scopes: readonly string[]): boolean {
  if (held.length === 0) return true
  const allowed = allowedBy(held)
  const ofModels = held.some((scope) => scope.startsWith('model/'))
  if (scopes.length === 0 || (ofModels && !scopes.some((scope) => scope.startsWith('model/')))) return false
  return scopes.map(partsOf).every(([kind, value]) => (kind === 'name' ? allowed.name(value) : kind === 'route' ? allowed.route(value) : allowed.model(value)))
}
