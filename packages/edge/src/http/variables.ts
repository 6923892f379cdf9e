import type { $ZodType } from 'zod/v4/core'
import type { Principal } from '../auth/principal.ts'

/** What middleware leaves for routes. */
export interface Variables {
  Variables: {
    principal: Principal
    /** What the endpoint answers. */
    answer: $ZodType
  }
}
