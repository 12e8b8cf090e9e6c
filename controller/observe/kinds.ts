// Health of the other kinds that Kubernetes and the Gateway API bring, by their phases and conditions. Pure.
import { at, isJsonObject, type JsonObject, type JsonValue, textAt } from '../render/yaml/json.ts';
import { CURRENT, condition, failed, type Health, type HealthRule, progress, wordsOf } from './facts.ts';

const GATEWAY = 'gateway.networking.k8s.io';

export const KIND_RULES: Readonly<Record<string, HealthRule>> = {
  '/PersistentVolumeClaim': claim,
  '/PersistentVolume': volume,
  '/Service': service,
  '/Namespace': (object) => (textAt(object, 'status', 'phase') === 'Active' ? CURRENT : progress('the namespace is not active')),
  'apiextensions.k8s.io/CustomResourceDefinition': definition,
  'apiregistration.k8s.io/APIService': (object) => wanted(object, ['Available'], 'it is not available yet'),
  'autoscaling/HorizontalPodAutoscaler': autoscaler,
  'policy/PodDisruptionBudget': budget,
  'certificates.k8s.io/CertificateSigningRequest': signingRequest,
  'flowcontrol.apiserver.k8s.io/FlowSchema': flowSchema,
  [`${GATEWAY}/GatewayClass`]: (object) => wanted(object, ['Accepted'], 'no controller has accepted it yet'),
  [`${GATEWAY}/Gateway`]: (object) => wanted(object, ['Accepted', 'Programmed'], 'no controller has programmed it yet'),
  ...Object.fromEntries(
    ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'].map((kind) => [`${GATEWAY}/${kind}`, route]),
  ),
};

/** Each of the conditions has to be True, and to speak of the present generation where it names one. */
function wanted(object: JsonObject, types: readonly string[], otherwise: string): Health {
  for (const type of types) {
    const found = condition(object, type);
    if (found === undefined) return progress(otherwise);
    if (found.status !== 'True') return progress(wordsOf(found, otherwise));
  }
  return CURRENT;
}

function claim(object: JsonObject): Health {
  const phase = textAt(object, 'status', 'phase') ?? '';
  if (phase === 'Lost') return failed('the claim has lost its volume');
  return phase === 'Bound' ? CURRENT : progress(`the claim is ${phase === '' ? 'not bound' : phase}`);
}

function volume(object: JsonObject): Health {
  const phase = textAt(object, 'status', 'phase') ?? '';
  const message = textAt(object, 'status', 'message') ?? '';
  if (phase === 'Failed') return failed(message === '' ? 'the volume has failed' : message);
  return ['Available', 'Bound', 'Released'].includes(phase) ? CURRENT : progress('the volume is not available yet');
}

function service(object: JsonObject): Health {
  const balanced = textAt(object, 'spec', 'type') === 'LoadBalancer';
  return balanced && textAt(object, 'spec', 'clusterIP') === undefined ? progress('it has no address yet') : CURRENT;
}

function definition(object: JsonObject): Health {
  const names = condition(object, 'NamesAccepted');
  if (names?.status === 'False') return failed(names.message);
  const established = condition(object, 'Established');
  if (established?.status === 'True') return CURRENT;
  if (established?.status === 'False' && established.reason !== 'Installing') return failed(established.message);
  return progress('it is not served yet');
}

/** Where it is told to scale to none, `ScalingActive` is False on purpose. */
function autoscaler(object: JsonObject): Health {
  const able = condition(object, 'AbleToScale');
  if (able === undefined) return progress('its controller has not seen it yet');
  if (able.status === 'False') return progress(wordsOf(able, 'it cannot scale'));
  const active = condition(object, 'ScalingActive');
  if (active?.status === 'False' && active.reason !== 'ScalingDisabled') return progress(wordsOf(active, 'it has no metrics'));
  return CURRENT;
}

function budget(object: JsonObject): Health {
  const allowed = condition(object, 'DisruptionAllowed');
  return allowed?.reason === 'SyncFailed' ? progress(wordsOf(allowed, 'its pods cannot be counted')) : CURRENT;
}

function signingRequest(object: JsonObject): Health {
  for (const type of ['Denied', 'Failed']) {
    const found = condition(object, type);
    if (found?.status === 'True') return failed(wordsOf(found, `it is ${type.toLowerCase()}`));
  }
  if (condition(object, 'Approved') === undefined) return progress('nobody has approved it yet');
  return textAt(object, 'status', 'certificate') === undefined ? progress('its certificate is not issued yet') : CURRENT;
}

function flowSchema(object: JsonObject): Health {
  const dangling = condition(object, 'Dangling');
  return dangling?.status === 'True' ? progress(wordsOf(dangling, 'its priority level is not there')) : CURRENT;
}

/** A route has conditions for each parent, and is of use when each of them takes it. */
function route(object: JsonObject): Health {
  const parents = at(object, 'status', 'parents');
  if (!Array.isArray(parents) || parents.length === 0) return progress('no gateway has taken it yet');
  const { generation } = isJsonObject(object['metadata']) ? object['metadata'] : {};
  for (const parent of parents as readonly JsonValue[]) {
    if (!isJsonObject(parent)) continue;
    const name = textAt(parent, 'parentRef', 'name') ?? '';
    const view: JsonObject = { metadata: generation === undefined ? {} : { generation }, status: parent };
    const health = wanted(view, ['Accepted', 'ResolvedRefs'], 'it has not been judged yet');
    if (health.state !== 'Current') return progress(`gateway ${name}: ${health.message}`);
  }
  return CURRENT;
}
