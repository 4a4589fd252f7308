import SIPKit

/// What a script's global and module parameters mean for the proxy (LANGUAGE.md §3, FUNCTIONS.md).
///
/// The checker has refused names that nobody knows; a parameter that is not read here has no effect for us.
extension ProxySettings {
    mutating func apply(_ script: CheckedScript) {
        if script.dialect == .modern { self.maxForwardsLimit = 70 } else { self.maxForwardsLimit = 16 }
        // SER keeps users apart by their names alone, unless it is told otherwise.
        self.registrar.useDomain = false
        // Kamailio keeps a Path where it is told to.
        if script.dialect == .modern { self.registrar.usesPath = false }
        // SER's own number; later servers have none.
        self.registrar.natFlag = script.dialect == .ser && script.modules.contains("registrar") ? 4 : -1
        for global in script.globals {
            if case .text(let text)? = global.values.last {
                switch global.name {
                case "server_header": self.serverHeader = Array(text.utf8)
                case "advertised_address": self.advertisedHost = Array(text.utf8)
                default: break
                }
            }
            guard let number = global.values.last?.integer else { continue }
            switch global.name {
            case "reply_to_via": self.repliesToVia = number != 0
            case "advertised_port": self.advertisedPort = UInt16(clamping: number)
            case "sip_warning": self.sipWarning = number != 0
            case "mhomed": self.isMultihomed = number != 0
            case "udp_mtu": self.udpMTU = number
            case "server_signature": self.serverSignature = number != 0
            default: break
            }
        }
        for setting in script.moduleSettings {
            switch setting.value {
            case .integer(let number): self.apply(number, setting)
            case .text(let text): self.apply(text, setting)
            }
        }
        self.uac = UACSettings(ModuleValues(script: script))
        self.media.read(script)
        self.nat = NATSettings(script)
        if self.registrar.natFlag >= 0 { self.nat.natFlags |= 1 << UInt32(self.registrar.natFlag) }
        self.store = StoreSettings(script)
        self.store.usrloc.useDomain = self.registrar.useDomain
    }

    private mutating func apply(_ text: String, _ setting: ModuleSetting) {
        func attribute() -> AttributeList.Name? { text.isEmpty ? nil : AttributeName(Array(text.utf8)).name }
        switch (setting.module, setting.name) {
        case ("tm", "fr_inv_timer_avp"): self.inviteTimeoutAttribute = attribute()
        case ("tm", "fr_timer_avp"): self.replyTimeoutAttribute = attribute()
        case ("auth", "rpid_prefix"): self.remotePartyID.prefix = Array(text.utf8)
        case ("auth", "rpid_suffix"): self.remotePartyID.suffix = Array(text.utf8)
        case ("auth", "rpid_avp"): if let name = attribute() { self.remotePartyID.attribute = name }
        case ("auth", "secret"): self.nonceSecret = Array(text.utf8)
        case ("auth", "realm_prefix"): self.realmPrefix = text.utf8.map(ASCII.lowercased)
        case ("registrar", "received_avp"): if let name = attribute() { self.registrar.receivedAttribute = name }
        case ("nathelper", "received_avp"): if let name = attribute() { self.receivedAttribute = name }
        case ("registrar", "received_param"):
            if !text.isEmpty, text.utf8.allSatisfy(ASCII.isToken) {
                self.registrar.receivedParameter = Array(text.utf8)
            }
        case ("registrar", "realm_prefix"): self.registrar.realmPrefix = text.utf8.map(ASCII.lowercased)
        case ("acc", "log_fmt"): self.accounting.format = Array(text.utf8)
        case ("acc", "db_table_acc"): self.accounting.table = Array(text.utf8)
        case ("acc", "db_table_missed_calls"): self.accounting.missedTable = Array(text.utf8)
        default: break
        }
    }

    private mutating func apply(_ number: Int, _ setting: ModuleSetting) {
        let amount = Int64(clamping: number)
        switch (setting.module, setting.name) {
        case ("tm", "fr_timer"): self.timers.requestTimeout = Self.interval(amount)
        case ("tm", "fr_inv_timer"): self.inviteTimeout = Self.interval(amount)
        case ("tm", "wt_timer"): self.timers.linger = Self.interval(amount)
        case ("rr", "append_fromtag"): self.appendFromTag = number != 0
        case ("rr", "add_username"): self.addUserName = number != 0
        case ("rr", "enable_full_lr"): self.enableFullLooseRouting = number != 0
        case ("maxfwd", "max_limit"): self.maxForwardsLimit = Swift.max(1, Swift.min(255, number))
        case ("registrar", "default_expires"): self.registrar.defaultExpires = UInt32(clamping: number)
        case ("registrar", "min_expires"): self.registrar.minExpires = UInt32(clamping: number)
        case ("registrar", "max_expires"): self.registrar.maxExpires = UInt32(clamping: number)
        case ("registrar", "append_branches"): self.registrar.appendBranches = number != 0
        case ("registrar", "desc_time_order"), ("usrloc", "desc_time_order"): self.registrar.descTimeOrder = number != 0
        case ("registrar", "case_sensitive"): self.registrar.caseSensitive = number != 0
        case ("registrar", "use_domain"), ("usrloc", "use_domain"): self.registrar.useDomain = number != 0
        case ("registrar", "default_q"): self.registrar.defaultQ = number > 0 ? Int16(clamping: number) : -1
        case ("registrar", "use_path"): self.registrar.usesPath = number != 0
        case ("registrar", "max_contacts"): self.registrar.maxContacts = number
        case ("registrar", "retry_after"): self.registrar.retryAfter = number
        case ("registrar", "received_avp"): self.registrar.receivedAttribute = .number(number)
        case ("nathelper", "received_avp"): self.receivedAttribute = .number(number)
        case ("registrar", "nat_flag"): self.registrar.natFlag = (0...31).contains(number) ? number : -1
        case ("usrloc", "nat_bflag"): self.registrar.keptBranchFlags |= AccountingSettings.bit(number)
        case ("nathelper", "sipping_flag"): self.registrar.keptFlags |= AccountingSettings.bit(number)
        case ("nathelper", "sipping_bflag"): self.registrar.keptBranchFlags |= AccountingSettings.bit(number)
        case ("acc", "log_flag"): self.accounting.answeredFlag = AccountingSettings.bit(number)
        case ("acc", "log_missed_flag"): self.accounting.missedFlag = AccountingSettings.bit(number)
        case ("acc", "db_flag"): self.accounting.answeredRowFlag = AccountingSettings.bit(number)
        case ("acc", "db_missed_flag"): self.accounting.missedRowFlag = AccountingSettings.bit(number)
        case ("acc", "failed_transactions"): self.accounting.reportsFailures = number != 0
        case ("acc", "early_media"): self.accounting.reportsEarlyMedia = number != 0
        case ("acc", "report_ack"): self.accounting.reportsACK = number != 0
        case ("acc", "report_cancels"): self.accounting.reportsCancel = number != 0
        case ("acc", "log_level"): self.accounting.level = number
        case ("auth", "nonce_expire"): self.nonceExpire = amount
        default: break
        }
    }

    /// Seconds in SER, milliseconds since Kamailio 3: 1000 and more are certainly milliseconds (LANGUAGE.md §15.2).
    private static func interval(_ number: Int64) -> TimerInterval {
        number >= 1000 ? .milliseconds(number) : .seconds(number)
    }
}
