// What the constructs of our kinds have in common: one API object, named after the construct, checked at synthesis.
import { ApiObject, type ApiObjectMetadata, JsonPatch } from 'cdk8s';
import { Construct } from 'constructs';
import type { KindDefinition } from '../schemas/kinds/kind.ts';
import { ANNOTATIONS, API_GROUP_VERSION } from '../schemas/names.ts';
import { plainValues } from './plain-values.ts';
import { problemsOf } from './problems.ts';
import { originsIn } from './values.ts';

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function nameProblems(name: string): readonly string[] {
  return NAME.test(name) && name.length <= 253
    ? []
    : [`metadata.name: "${name}" is no name: use lower-case letters, digits and -, and begin and end with a letter or digit`];
}

/** `Duration.millis(1)` has no text; that is a mistake of the props like any other. */
function converted(fields: object): { readonly spec: unknown; readonly problems: readonly string[] } {
  try {
    return { spec: plainValues(fields), problems: [] };
  } catch (error) {
    return { spec: {}, problems: [error instanceof Error ? error.message : String(error)] };
  }
}

/** Not made by users: `Template`, `Team` and `GitSync` are. */
export abstract class KindObject extends Construct {
  /** The object as cdk8s has it, for `addDependency`, `ApiObject.of` and patches. */
  readonly apiObject: ApiObject;
  /** `metadata.name`: the construct's id unless `metadata` names another. */
  readonly name: string;

  protected constructor(scope: Construct, id: string, kind: KindDefinition, metadata: ApiObjectMetadata, fields: object) {
    super(scope, id);
    this.name = metadata.name ?? id;
    const { spec, problems } = converted(fields);
    this.node.addValidation({
      validate: () => [...nameProblems(this.name), ...(problems.length > 0 ? problems : problemsOf(kind.spec, spec))],
    });
    const origins = originsIn(fields);
    const annotations = origins === undefined ? {} : { annotations: { ...metadata.annotations, [ANNOTATIONS.values]: origins } };
    this.apiObject = new ApiObject(this, 'Resource', {
      apiVersion: API_GROUP_VERSION,
      kind: kind.kind,
      metadata: { ...metadata, ...annotations, name: this.name },
      spec,
    });
    // cdk8s gives every object the namespace of its chart, one of the whole cluster has none.
    if (kind.scope === 'Cluster' && this.apiObject.metadata.namespace !== undefined) {
      this.apiObject.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
    }
  }
}
