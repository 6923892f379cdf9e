import { wrongArchitecture, wrongBase } from '../errors.ts'
import type { ModelSpec } from '../model-spec.ts'
import { siteOf } from '../sites/index.ts'
import type { AdapterManifest } from './manifest.ts'

type Made = Pick<AdapterManifest, 'base' | 'sites'>

/** Whether what is in an adapter is of no model, as a text is: it then acts on any, whichever its manifest names. */
export const isOfAnyBase = ({ sites }: Pick<AdapterManifest, 'sites'>): boolean => sites.length > 0 && sites.every((site) => siteOf(site).anyModel)

/** Whether an adapter acts on the base model of this fingerprint. */
export const isOfBase = (made: Made, { fingerprint }: { fingerprint: string }): boolean => made.base.fingerprint === fingerprint || isOfAnyBase(made)

/** Error 409 `wrong_base_model` where the manifest names another architecture: shapes alone may agree by chance. */
export function checkArchitecture(manifest: Made & Pick<AdapterManifest, 'method'>, { architecture }: ModelSpec): void {
  if (manifest.base.architecture !== architecture && !isOfAnyBase(manifest)) throw wrongArchitecture(manifest.method, manifest.base, architecture)
}

/** Error 409 `wrong_base_model` unless the adapter was made for this very model, or is of none. */
export function checkBase(manifest: Made, base: { name: string; fingerprint: string }, ref: string): void {
  if (!isOfBase(manifest, base)) throw wrongBase(ref, manifest.base, base)
}
