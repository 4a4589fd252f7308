import SIPKit

/// What the functions of scripts mean for the rules: what is known afterwards, when they say yes and when they say no.
enum LintEffects {
    /// `nil` for an outcome that cannot be.
    static func outcomes(
        of function: String, _ arguments: PreparedArguments, _ facts: PathFacts
    ) -> (yes: PathFacts?, no: PathFacts?) {
        var (yes, no): (PathFacts?, PathFacts?) = (facts, facts)
        switch function {
        case "is_method": return LintWalk.split(facts, PathFacts.Methods(arguments.text(0)))
        case "has_totag": return self.split(facts, \.toTag)
        case "loose_route":
            let split = self.split(facts, \.isRouted)
            yes = split.0
            // The next hop is in the Route; the Request-URI may be anybody's.
            yes?.target = .unknown
            no = split.1
        case "is_uri_host_local": return self.split(target: facts)
        case "www_authorize", "proxy_authorize", "auth_check":
            yes?.isAuthorized = true
            yes?.isVouchedFor = true
        case "allow_trusted", "allow_routing", "allow_source_address", "allow_address", "is_user_in", "from_gw",
            "check_from", "does_uri_exist":
            if function != "does_uri_exist" { yes?.isVouchedFor = true }
        case "is_from_local": yes?.isClaimed = true
        case "consume_credentials":
            yes?.isConsumed = true
            no = yes
        case "mf_process_maxfwd_header", "is_maxfwd_lt":
            yes?.countsHops = true
            no?.countsHops = true
        case "len_gt":
            yes?.limitsLength = true
            no?.limitsLength = true
        case "record_route", "record_route_preset":
            yes?.isRecordRouted = true
            no = nil
        case "lookup", "alias_db_lookup", "sd_lookup":
            // Where a user of ours is, or wants to be called: the user has chosen that, not the caller.
            yes?.target = .chosen
        case "rewritehost", "rewritehostport", "rewriteuri", "setdsturi", "ds_select_dst", "ds_select_domain",
            "next_gw",
            "load_gws":
            yes?.target = .chosen
            no = nil
        case "avp_pushto": yes?.target = .chosen
        case "nat_uac_test", "client_nat_test":
            yes?.testsNAT = true
            no?.testsNAT = true
        case "sl_send_reply", "send_reply", "t_reply":
            if arguments.integer(0) >= 200 {
                yes?.isAnswered = true
                no?.isAnswered = true
            }
        case "sl_reply_error", "www_challenge", "proxy_challenge", "auth_challenge", "save", "options_reply",
            "cpl_run_script", "cpl_process_register":
            yes?.isAnswered = true
            no?.isAnswered = true
        default:
            if LintScript.relays.contains(function) || function == "send" || function == "send_tcp"
                || function == "t_replicate"
            {
                yes?.isRelayed = true
                no?.isRelayed = true
            } else if LintScript.mediaFunctions.contains(function) {
                yes?.mediaRelays = Swift.min(2, facts.mediaRelays + 1)
                no = yes
            }
        }
        return (yes, no)
    }

    /// What a calculated condition shows: `$rm == "INVITE"` is a test of the method like any other.
    static func outcomes(of condition: ScriptExpression, _ facts: PathFacts) -> (PathFacts?, PathFacts?) {
        var (yes, no): (PathFacts?, PathFacts?) = (facts, facts)
        switch condition {
        case .not(let inner):
            let outcomes = self.outcomes(of: inner, facts)
            return (outcomes.1, outcomes.0)
        case .compare(let comparison, .variable(let variable), .constant(.text(let text)), _)
        where comparison == .equal || comparison == .notEqual:
            switch variable.name {
            case .known(.method): (yes, no) = LintWalk.split(facts, PathFacts.Methods(text))
            case .known(.sourceAddress): yes?.isVouchedFor = true
            case .known(.requestHost): (yes, no) = self.split(target: facts)
            default: return (facts, facts)
            }
            return comparison == .equal ? (yes, no) : (no, yes)
        case .compare(_, .variable(let variable), _, _) where variable.name == .known(.messageLength):
            yes?.limitsLength = true
            no?.limitsLength = true
        default: break
        }
        return (yes, no)
    }

    private static func split(
        _ facts: PathFacts, _ path: WritableKeyPath<PathFacts, PathFacts.Truth>
    ) -> (PathFacts?, PathFacts?) {
        var (yes, no) = (facts, facts)
        yes[keyPath: path] = .yes
        no[keyPath: path] = .no
        switch facts[keyPath: path] {
        case .yes: return (yes, nil)
        case .no: return (nil, no)
        case .unknown: return (yes, no)
        }
    }

    /// Ours or another's. What the script chose is taken both ways: the contact of a user is no domain.
    static func split(target facts: PathFacts) -> (PathFacts?, PathFacts?) {
        var (yes, no) = (facts, facts)
        switch facts.target {
        case .ours: return (yes, nil)
        case .foreign: return (nil, no)
        case .chosen: return (yes, no)
        case .unknown:
            yes.target = .ours
            no.target = .foreign
            return (yes, no)
        }
    }
}

extension ScriptExpression {
    /// Whether the Request-URI or its host is in it.
    var looksAtTarget: Bool {
        switch self {
        case .variable(let variable): [.known(.requestURI), .known(.requestHost)].contains(variable.name)
        case .text(let text): text == .requestURI
        case .arithmetic(_, let left, let right), .compare(_, let left, let right, _),
            .matchesText(let left, let right),
            .and(let left, let right), .or(let left, let right):
            left.looksAtTarget || right.looksAtTarget
        case .unary(_, let inner), .not(let inner), .matches(let inner, _): inner.looksAtTarget
        case .constant, .number, .address, .status: false
        }
    }
}
