import { testOps } from '@weft/test/cases/op'
import { movementCases } from '@weft/test/cases/ops/movement'

testOps('movement', movementCases)
