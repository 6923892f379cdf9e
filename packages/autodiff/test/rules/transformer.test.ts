import { testOps } from '@weft/test/cases/op'
import { transformerCases } from '@weft/test/cases/ops/transformer'

testOps('transformer', transformerCases)
