import { roles } from '@weft/protocol'
import { permissions } from '../../src/auth/permissions.ts'

/** The table of docs/operating/tenants.md: endpoint by role, as the edge itself has it. */
export const roleTable = (): string =>
  [
    `| endpoint | ${roles.join(' | ')} |`,
    `|---|${roles.map(() => '---|').join('')}`,
    ...Object.entries(permissions).map(
      ([endpoint, { roles: allowed, wholeTenant, operator }]) =>
        `| \`${endpoint}\`${wholeTenant ? ' ¹' : operator ? ' ²' : ''} | ${roles.map((role) => (allowed.includes(role) ? 'yes' : '')).join(' | ')} |`,
    ),
  ].join('\n')

// Printed, for the page: npx node packages/edge/node-host/tenants/role-table.ts
if (import.meta.main) console.log(roleTable())
