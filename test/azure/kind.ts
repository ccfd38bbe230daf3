import type { JsonObject } from './json.ts';
import type { AzureResource, Effect, PlannedRequest, Refusal, Simulation, Verb } from './state.ts';

/** Everything a rule may look at when ARM, or the provider before it, judges a request. */
export interface RequestContext {
  readonly state: Simulation;
  readonly verb: Verb | 'promote' | 'switchover';
  readonly id: string;
  readonly name: string;
  readonly region?: string;
  /** Properties as the request would leave them. */
  readonly desired: JsonObject;
  /** What the request changes; at creation everything. */
  readonly change: JsonObject;
  readonly current?: AzureResource;
  /** Of a promotion. */
  readonly forced?: boolean;
}

export interface Rule {
  readonly id: string;
  /** The primary source that says so. */
  readonly source: string;
  /** False: inferred, contradicted by a source of another date, or stricter than Azure on purpose. */
  readonly verified: boolean;
  readonly on: readonly RequestContext['verb'][];
  /** ARM's error code, or `provider` when azurerm refuses before anything is sent. */
  readonly code: string;
  /** The reason for refusing, undefined when the request is legal. */
  refuse(request: RequestContext): string | undefined;
}

export interface Reference {
  /** Field of forProvider; its reference and selector are `<field>Ref` and `<field>Selector`. */
  readonly field: string;
  readonly kind: string;
  readonly service: string;
  /** `id` waits for status.atProvider.id of the target, `name` takes its external name. */
  readonly by: 'id' | 'name';
}

export interface Change {
  readonly old: JsonObject[string];
  readonly new: JsonObject[string];
}

/** Differences by field between configuration and Terraform state. */
export type Changes = { readonly [field: string]: Change };

export interface UpdateContext {
  readonly state: Simulation;
  readonly resource: AzureResource;
  readonly changes: Changes;
  /** forProvider and initProvider merged. */
  readonly config: JsonObject;
  readonly recorded: JsonObject;
  readonly password?: { readonly old: string; readonly new: string };
}

/** What the provider does for an update, or why it does not. */
export type UpdatePlan =
  | { readonly error: string }
  | {
      readonly requests: readonly PlannedRequest[];
      readonly effect: Effect;
      readonly change: JsonObject;
      readonly seconds: number;
      readonly promote?: boolean;
    };

/** One kind of managed resource: its ARM type, the Terraform schema that matters, and Azure's rules. */
export interface KindDefinition {
  readonly kind: string;
  /** First label of the API group; empty for azure.upbound.io itself. */
  readonly service: string;
  readonly clusterVersion: 'v1beta1' | 'v1beta2';
  readonly type: string;
  /** Who names the external resource: `external-name`, or Azure (`assigned`, the annotation then holds the id). */
  readonly naming: 'external-name' | 'assigned';
  readonly references: readonly Reference[];
  /** The Terraform id, undefined while a part of it is missing. Parts joined by `|` name alternatives. */
  id(name: string, params: JsonObject, subscription: string): string | undefined;
  /** Fields that make up the id and are not compared. */
  readonly identifiers: readonly string[];
  /** Terraform defaults: a field left out counts as this value. */
  readonly defaults: JsonObject;
  /** Optional and not computed: leaving the field out asks for its removal. */
  readonly removable: readonly string[];
  readonly forceNew: readonly string[];
  /** Kept from configuration because ARM does not return them. */
  readonly echoed?: readonly string[];
  readonly neverLateInitialised?: readonly string[];
  /** Simulated seconds; a function where the size of the work depends on the request. */
  readonly seconds: {
    readonly create: number | ((params: JsonObject) => number);
    readonly update: number;
    readonly delete: number;
  };
  /** Name that must be unique in all of Azure. */
  readonly globalName?: boolean;
  /** Servers that are Updating while an operation of this kind runs, and the provider's lock. */
  serialise?(id: string, params: JsonObject, verb: Verb): { readonly lock?: string; readonly busy?: readonly string[] };
  /** Properties that ARM stores for a creation. Default: the parameters. */
  stored?(
    params: JsonObject,
    request: { readonly state: Simulation; readonly id: string },
  ): { readonly properties: JsonObject; readonly hidden?: JsonObject };
  /** Fields that only status.atProvider has. */
  computed?(resource: AzureResource, id: string): JsonObject;
  /** Terraform's Read where it is more than what ARM stores. */
  read?(resource: AzureResource, id: string): JsonObject;
  /** Terraform's CustomizeDiff: 'panic' leaves the managed resource without any condition. */
  customizeDiff?(changes: Changes, config: JsonObject, recorded: JsonObject): 'panic' | string | undefined;
  /** Fields that force a new resource only sometimes. */
  forcesNew?(field: string, change: Change): boolean;
  /** azurerm's own checks in Create; nothing is sent. */
  refuseCreate?(config: JsonObject, password: string | undefined): string | undefined;
  planUpdate?(update: UpdateContext): UpdatePlan;
  /** Create that is not a PUT of a resource of its own, as setting a parameter. */
  planCreate?(
    id: string,
    config: JsonObject,
  ): { readonly requests: readonly PlannedRequest[]; readonly effect: Effect };
  /** Delete that is not an ARM DELETE, as resetting a parameter. */
  planDelete?(resource: AzureResource): { readonly requests: readonly PlannedRequest[]; readonly effect: Effect };
  /** What the id stands for where that is part of another resource, as a parameter of a server. */
  implicit?(state: Simulation, id: string): AzureResource | undefined;
  /** The id here that an external name of the provider's means, where they differ. */
  imported?(externalName: string): string;
  /** Writes the effect of a succeeded operation somewhere else than into a resource of its own. */
  commit?(state: Simulation, id: string, effect: Effect): Simulation;
  /** Connection secret, plain text. */
  connection?(resource: AzureResource, password: string | undefined): { readonly [key: string]: string };
  readonly rules: readonly Rule[];
}

/** A refusal under a rule. */
export const refusal = (rule: Rule, message: string): Refusal => ({
  ok: false,
  rule: rule.id,
  code: rule.code,
  message,
});

/** Most kinds live in a resource group that they name. */
export const resourceGroupName: Reference = {
  field: 'resourceGroupName',
  kind: 'ResourceGroup',
  service: '',
  by: 'name',
};
