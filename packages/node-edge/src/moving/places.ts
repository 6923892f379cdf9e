import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { withoutSecrets } from '../errors.ts'
import { pathOf, schemeOf } from '../scheme.ts'

/** A database or a storage by where it really is, as far as that can be told: two spellings of one place are one. */
export function placeOf(named: string): string {
  if (schemeOf(named) === 's3') return named.replace(/\/+$/, '')
  const path = pathOf(named)
  return path === undefined ? named : lyingAt(path)
}

/** For people, who may be in another folder by then. */
export const shownPlace = (named: string): string => withoutSecrets(placeOf(named))

/** Whether one of them is the other, or lies in it. */
export function areOneInOther(a: string, b: string): boolean {
  const [one, other] = [a, b].map((place) => (place.startsWith('s3://') ? `${place}/` : place.endsWith(sep) ? place : place + sep))
  return one!.startsWith(other!) || other!.startsWith(one!)
}

/** Of what is not there yet, where it would be. */
const lyingAt = (path: string): string => (existsSync(path) ? realpathSync(path) : dirname(path) === path ? path : join(lyingAt(dirname(path)), basename(path)))
