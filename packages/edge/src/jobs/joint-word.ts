import { sha256 } from '@weft/adapters'
import { defaultTenant } from '../stores/default-tenant.ts'

/**
 * The word that jobs share, as a runner is told it: a runner knows of no tenants, and trains in one batch whatever is queued under one word. The default tenant's
 * stand as they are; another's is one that none but its own jobs can have.
 */
export const jointAtRunner = async (tenant: string, word: string): Promise<string> =>
  tenant === defaultTenant ? word : (await sha256(new TextEncoder().encode(`${tenant}\0${word}`))).slice('sha256:'.length)
