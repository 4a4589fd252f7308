/// What a script sets for `lcr`.
struct LCRSettings: Sendable {
    var gatewayTable = Array("gw".utf8)
    var ruleTable = Array("lcr".utf8)
    var gatewayAttribute = AttributeList.Name.text(Array("lcr_gw".utf8))

    init() {}

    init(_ values: ModuleValues) {
        self.gatewayTable = values.bytes("lcr", "gw_table")
        self.ruleTable = values.bytes("lcr", "lcr_table")
        let name = values.bytes("lcr", "gw_uri_avp")
        if !name.isEmpty { self.gatewayAttribute = AttributeName(name).name }
    }

    /// What a database must have: SER's two tables, or Kamailio's three.
    func needed(isOld: Bool) -> [(table: [UInt8], columns: [[UInt8]])] {
        func names(_ names: String...) -> [[UInt8]] { names.map { Array($0.utf8) } }
        if isOld {
            return [
                (self.gatewayTable, names("ip_addr", "port", "grp_id")),
                (self.ruleTable, names("prefix", "from_uri", "grp_id", "priority")),
            ]
        }
        return [
            (LCRTables.newGateways, LCRTables.gatewayColumns), (LCRTables.newRules, LCRTables.ruleColumns),
            (LCRTables.newTargets, LCRTables.targetColumns),
        ]
    }
}
