/** Falco's wording, which its users search for. Source: falcosecurity/falco rule_loading_messages.h. */
export const MESSAGES = {
  appendDeprecated:
    "'append' key is deprecated. Add an 'append' entry (e.g. 'condition: append') under 'override' instead.",
  enabledDeprecated:
    "The standalone 'enabled' key usage is deprecated. The correct approach requires also a 'replace' entry under the 'override' key (i.e. 'enabled: replace').",
  appendAndOverride:
    "Keys 'override' and 'append: true' cannot be used together. Add an 'append' entry (e.g. 'condition: append') under 'override' instead.",
  noPreviousList: "List uses 'append' or 'override.items: append' but no list by that name already exists",
  noPreviousMacro:
    "Macro uses 'append' or 'override.condition: append' but no macro by that name already exists",
  noPreviousRuleAppend:
    "Rule uses 'append' or 'override.<key>: append' but no rule by that name already exists",
  noPreviousRuleReplace:
    "An 'override.<key>: replace' to a rule was requested but no rule by that name already exists",
  macroName:
    'Macro has an invalid name. Macro names should match a regular expression: ([a-zA-Z]+[a-zA-Z0-9_]*)',
  listName: `List has an invalid name. List names should match a regular expression: ([^()\\"'[:space:]=,]+)`,
} as const;
