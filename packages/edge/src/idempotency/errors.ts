import { WeftError } from '@weft/adapters'
import { isWeftError } from '@weft/protocol'

export const invalidIdempotencyKey = () =>
  new WeftError('invalid_idempotency_key', 'An idempotency key is 1 to 255 visible ASCII characters, such as a UUID.', { param: 'idempotency-key' })

export const idempotencyKeyReused = () =>
  new WeftError(
    'idempotency_key_reused',
    'Another request was sent with this idempotency key. Send each request with a key of its own, and again only as it was.',
    {
      status: 409,
      param: 'idempotency-key',
    },
  )

export const isKeyInUse = (error: unknown): boolean => isWeftError(error) && error.code === 'idempotency_key_in_use'

export const idempotencyKeyInUse = () =>
  new WeftError('idempotency_key_in_use', 'The first request with this idempotency key is still being answered. Ask again in a moment.', {
    status: 409,
    param: 'idempotency-key',
    details: { retry_after: 1 },
  })
