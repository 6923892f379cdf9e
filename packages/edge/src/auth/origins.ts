import { isLoopbackOrigin } from './loopback.ts'

/** Whether pages of an origin (`https://app.example`) may ask this edge and read its answers. */
export type AllowOrigin = (origin: string) => boolean

/** Those that the deployment's config names, and none else; of a local start, pages of this machine too. */
export const allowedOrigins = (configured: readonly string[] = [], { local = false } = {}): AllowOrigin => {
  const named = new Set(configured.map((origin) => origin.toLowerCase()))
  return (origin) => named.has(origin.toLowerCase()) || (local && isLoopbackOrigin(origin))
}
