import type { Principal } from '../auth/principal.ts'

/** What middleware leaves for routes. */
export interface Variables {
  Variables: { principal: Principal }
}
