import { sha256 } from '../file/digest.ts'
import type { Canonical } from './canonical-form.ts'

/** The address of a composition's tensors and of everything computed from them: `sha256:<hex>` over model, expression and tenant. */
export const compositionKey = (fingerprint: string, canonical: Canonical, tenant = ''): Promise<string> =>
  sha256(new TextEncoder().encode(`weft-composition-v1\n${fingerprint}\n${canonical.text}\n${tenant}`))
