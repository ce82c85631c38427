import { isNestedType } from '../../core/mod.ts';
import { call } from '../build-expression.ts';
import { simple, withNullable } from '../types/kinds.ts';
import { cannotApply, type FunctionDefinition } from './definition.ts';

const cardinality: FunctionDefinition = {
  name: 'CARDINALITY',
  group: 'collection',
  syntax: 'CARDINALITY(array or map)',
  note: '',
  bind: bound => {
    const [of] = bound.args;
    if (of === undefined || bound.args.length !== 1 || !isNestedType(of.type) || of.type.kind === 'ROW') {
      throw cannotApply(bound, ['<MULTISET>']);
    }
    return call('CARDINALITY', [of], simple('INT', of.type.nullable), bound.at);
  },
};

const element: FunctionDefinition = {
  name: 'ELEMENT',
  group: 'collection',
  syntax: 'ELEMENT(array)',
  note: 'NULL of an empty array, an error of one with more than one element.',
  bind: bound => {
    const [of] = bound.args;
    if (of?.type.kind !== 'ARRAY' || bound.args.length !== 1) throw cannotApply(bound, ['<MULTISET>']);
    const { element: type, nullable } = of.type;
    return call('ELEMENT', [of], withNullable(type, nullable || type.nullable), bound.at);
  },
};

/** Functions over arrays and maps. */
export const COLLECTION_FUNCTIONS: readonly FunctionDefinition[] = [cardinality, element];
