/**
 * The shapes that cross the wire, as the pages read them. Types only: this
 * module holds no code.
 *
 * @typedef {"city"|"district"|"street"|"community"|"cell"} Level
 * @typedef {"surveyed"|"mapped"|"schematic"} Basis
 * @typedef {[number, number]} LngLat
 * @typedef {{type: string, coordinates: any}} Geometry
 *
 * @typedef {{level: Level, code: string, name: string, parent: string|null}} Area
 *
 * @typedef {Object} Place What the reporter gives.
 * @property {string} crs declared, never guessed
 * @property {Geometry} geometry
 * @property {number|null} [accuracy_m] points only: the 95 % radius
 *
 * @typedef {Area & {share: number|null, share_low: number|null, share_high: number|null,
 *   probability: number|null, area_m2: number|null, length_m: number|null, counts: boolean}} Part
 *
 * @typedef {Object} LevelAnswer
 * @property {Level} level
 * @property {Basis} basis
 * @property {"inside"|"on_line"|"near_line"|"straddles"|"gap"|"overlap"} relation
 * @property {number|null} border_distance_m
 * @property {number|null} line_accuracy_m
 * @property {Part[]} parts
 * @property {Part[]} touches
 * @property {number|null} gap_share
 * @property {(Area & {distance_m: number})[]} nearby
 *
 * @typedef {Object} Decision
 * @property {Area} lead
 * @property {Area[]} assisting
 * @property {string} rule
 * @property {string} rule_name
 * @property {string} rule_name_en
 * @property {string} legal_basis
 * @property {string} policy
 * @property {Object<string, any>} inputs
 * @property {{rule: string, rule_name: string, rule_name_en: string, decided: boolean, why: string, why_en: string}[]} considered
 *
 * @typedef {{id: string, name: string, kind: string, kind_name: string, kind_name_en: string, area_code: string}} Unit
 * @typedef {{code: string, name: string, name_en: string, class_code: string, severity: string, whistle_kind: string, legal_basis: string}} Item
 * @typedef {{minutes: number, working: boolean}} Span of real or of working time
 * @typedef {{code: string, name: string, name_en: string, respond: Span|null, arrive: Span|null, finish: Span|null}} WhistleKind
 *
 * @typedef {Object} Plan
 * @property {Item} category
 * @property {WhistleKind} whistle
 * @property {boolean} needs_whistle false where the street holds the power itself
 * @property {number} summons how many units would be called, each once
 * @property {{area: Area, role: "lead"|"assisting", office: Unit|null,
 *   units: {unit: Unit, role: string}[],
 *   missing: {kind: string, kind_name: string, kind_name_en: string}[]}[]} jurisdictions
 *
 * @typedef {Object} Resolution
 * @property {{id: string, title: string}} release
 * @property {{kind: "point"|"line"|"footprint", geometry: Geometry, given_crs: string,
 *   accuracy_m: number|null, area_m2: number|null, length_m: number|null}} place
 * @property {LevelAnswer[]} levels
 * @property {Decision|null} decision
 * @property {Plan|null} plan
 * @property {{case_id: string, number: string, distance_m: number, opened_at: string}[]} duplicates
 *
 * @typedef {{at: string, verdict: "on_site"|"wrong_place"|"unproven", distance_m: number,
 *   how?: "gps"|"hand", accuracy_m?: number|null}} Arrival
 *
 * @typedef {Object} Summons
 * @property {string} id
 * @property {Unit} unit
 * @property {string} role
 * @property {string[]} areas
 * @property {string} whistle
 * @property {"called"|"responded"|"arrived"|"finished"|"stood_down"} state
 * @property {string} called_at
 * @property {string|null} respond_by
 * @property {string|null} arrive_by
 * @property {string|null} finish_by
 * @property {string|null} responded_at
 * @property {string|null} arrived_at
 * @property {string|null} finished_at
 * @property {string|null} stood_down_at
 * @property {string|null} left_at
 * @property {boolean} left_early
 * @property {boolean} countersigned
 * @property {{score: number, text: string}|null} evaluation
 * @property {Arrival[]} arrivals
 * @property {string[]} may
 *
 * @typedef {{id: string, code: string, name: string, name_en: string, state: "pending"|"running"|"sent_back"|"done",
 *   blown_at: string, confidential: boolean, outcomes: {code: string, name: string, name_en: string}[], may: string[]}} Whistle
 *
 * @typedef {{id: string, by: string, at: string, state: string, superior: string, proposes: string|null,
 *   summons: string|null, settle_by: string|null, may: string[]}} Objection
 *
 * @typedef {Object} Case
 * @property {string} id
 * @property {string} number
 * @property {string} step
 * @property {Item} category
 * @property {Area} holder
 * @property {Unit|null} convener
 * @property {string} opened_at
 * @property {string|null} closed_at
 * @property {string|null} result
 * @property {Resolution["place"]} place
 * @property {LevelAnswer[]} levels
 * @property {{id: string, title: string}} release what it was decided with
 * @property {Decision} decision
 * @property {Plan} plan
 * @property {{id: string, reported_at: string, text: string, source: string, place: Resolution["place"]}[]} incidents
 * @property {Whistle[]} whistles
 * @property {Objection[]} objections
 * @property {{id: string, review_on: string, granted_at: string|null, refused_at: string|null, ended_at: string|null}[]} holds
 * @property {string|null} analysis_by
 * @property {string|null} next_due_at
 * @property {string|null} vetoed_at
 * @property {boolean} confidential
 * @property {Summons[]} summons
 * @property {string[]} may
 * @property {number} geofence_m
 * @property {number} version
 * @property {string} now
 *
 * @typedef {{id: string, number: string, category: {code: string, name: string, name_en: string},
 *   holder: Area, step: string, opened_at: string, closed_at: string|null,
 *   point: LngLat, open_summons: number, whistle_blown_at: string|null, next_due_at: string|null}} CaseSummary
 *
 * @typedef {{seq: number, kind: string, at: string, actor: string, actor_name: string, said: string, said_en: string}} CaseEvent
 *
 * @typedef {{role: string, area_code: string, area: Area|null, unit: Unit|null}} Grant
 * @typedef {{account: {id: string, login: string, name: string, demonstration: boolean}|null,
 *   grants: Grant[], expires_at: string|null, demonstration: boolean}} Session
 *
 * @typedef {{version: string, title: string, sample: boolean,
 *   classes: {code: string, name: string, name_en: string, kind: string}[], items: Item[],
 *   whistle_kinds: WhistleKind[]}} Catalogue
 *
 * @typedef {Object} Policy
 * @property {string} version
 * @property {string} timezone
 * @property {{min_area_m2: number, ample_area_m2: number, min_length_m: number, ample_length_m: number, min_share: number}} tolerance
 *
 * @typedef {{id: string, title: string, in_force_on: string, bounds: [number, number, number, number],
 *   levels: {level: Level, basis: Basis, count: number, line_accuracy_m: number|null}[],
 *   provenance: Object<string, any>}} Release
 */

export {};

/**
 * @typedef {Object} Agreement a standing deal on a stretch of border
 * @property {string} id
 * @property {string} title
 * @property {"proposed"|"not_yet"|"in_force"|"expired"|"ended"} state
 * @property {"in_force"|"not_yet"|"other_hours"|"expired"} standing
 * @property {number} reach_m
 * @property {{code: string, name: string|null, signed_at: string|null}[]} parties
 * @property {{code: string, name: string|null}} lead
 * @property {{title: string, number: string, signed_on: string}} document
 * @property {string} valid_from
 * @property {string|null} valid_until
 * @property {number|null} days_left negative once the last day is over
 * @property {string[]} categories
 * @property {{weekdays: number[], begins: string, ends: string}[]} hours
 * @property {{kind: string, at: string, party: string|null, reason: string}[]} events
 * @property {{geometry: Geometry}} place
 * @property {Geometry} region
 */
