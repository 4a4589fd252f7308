/// A hole that a script may have, and how it is seen. One rule a file.
///
/// Rules look at each way that a request can take through the script: at every call, with what is known there, and at
/// the end. What one of them reports is said once for each place.
struct LintRule: Sendable {
    /// As the findings name it.
    let name: String
    /// What is wrong, for the message.
    let message: String
    /// Why that matters, what to do, and where it is explained.
    let help: String
    let look: @Sendable (LintStep) -> SourceRange?

    static let all: [LintRule] = [
        .openRelay, .unprovenSender, .preloadedRoute, .unauthenticatedDialog, .unconsumedCredentials, .hopsNotCounted,
        .lengthNotLimited,
        .domainsNotMatched, .accountedWithoutRecordRoute, .mediaRelayedTwice, .contactOfRegister, .reinviteBehindNAT,
        .silentEnd,
    ]
}

/// One moment of one way: a call that is about to be made, or the end of the script.
struct LintStep {
    /// The function that is called; `nil` at the end.
    let function: String?
    let arguments: PreparedArguments
    /// The call, or what came last.
    let range: SourceRange
    let facts: PathFacts
    let script: LintScript

    /// Whether the request is sent on here.
    var relays: Bool {
        self.function.map { LintScript.relays.contains($0) } ?? false
    }
}

/// What a script has as a whole.
struct LintScript {
    static let relays: Set<String> = [
        "t_relay", "t_relay_to_udp", "t_relay_to_tcp", "t_relay_to_tls", "t_relay_to", "forward", "forward_udp",
        "forward_tcp", "forward_tls",
    ]
    static let mediaFunctions: Set<String> = [
        "use_media_proxy", "force_rtp_proxy", "rtpproxy_manage", "rtpproxy_offer", "engage_media_proxy",
    ]

    /// The functions that are called anywhere, and where first.
    let calls: [String: SourceRange]
    let comparesTarget: Bool
    /// The flag of `log_flag` or `db_flag`.
    let accountingFlags: UInt32
    /// The flag that `lookup` may set.
    let natFlag: UInt32

    func uses(_ functions: String...) -> Bool { functions.contains { self.calls[$0] != nil } }

    init(_ program: Program<UncalledHost>) {
        var calls: [String: SourceRange] = [:]
        var comparesTarget = false
        for (index, instruction) in program.instructions.enumerated() {
            switch instruction.operation {
            case .call, .testCall:
                let name = program.functions[program.sites[Int(instruction.operand)].function].name
                if calls[name] == nil { calls[name] = program.ranges[index] }
            case .uriIsMyself, .uriIsNotMyself: comparesTarget = true
            case .textEquals, .textDiffers, .textMatches:
                if instruction.short == UInt16(ScriptText.requestURI.rawValue) { comparesTarget = true }
            case .evaluate:
                if program.expressions[Int(instruction.operand)].looksAtTarget { comparesTarget = true }
            case .choose:
                if program.choices[Int(instruction.operand)].subject?.looksAtTarget == true { comparesTarget = true }
            default: break
            }
        }
        self.calls = calls
        self.comparesTarget =
            comparesTarget || calls["is_uri_host_local"] != nil || calls["is_domain_local"] != nil
            || calls["lookup_domain"] != nil
        var flags: UInt32 = 0
        for name in ["log_flag", "db_flag"] {
            if let flag = program.script.checked.setting("acc", name)?.integer, (1...31).contains(flag) {
                flags |= 1 << UInt32(flag)
            }
        }
        self.accountingFlags = flags
        let standard = program.script.checked.dialect == .ser ? 4 : -1
        let natFlag = program.script.checked.setting("registrar", "nat_flag")?.integer ?? standard
        self.natFlag = (0...31).contains(natFlag) ? 1 << UInt32(natFlag) : 0
    }
}
