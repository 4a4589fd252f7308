/// What the functions of scripts do, by name: a file each in the folder of their module, listed in its `…Bodies.swift`.
enum FunctionBodies {
    typealias Body = FunctionBody<RouteContext>

    static func named(_ name: String) -> Body? { Self.table[name] }

    static var names: [String] { Self.table.keys.sorted() }

    private static let table: [String: Body] = {
        var table: [String: Body] = [:]
        for module in [
            Self.coreBodies,
            Self.slBodies,
            Self.tmBodies,
            Self.rrBodies,
            Self.maxForwardsBodies,
            Self.registrarBodies,
            Self.uriBodies,
            Self.uriDBBodies,
            Self.groupBodies,
            Self.permissionsBodies,
            Self.speedDialBodies,
            Self.aliasDBBodies,
            Self.domainBodies,
            Self.textopsBodies,
            Self.nathelperBodies,
            Self.mediaproxyBodies,
            Self.rtpproxyBodies,
            Self.avpOpsBodies,
            Self.accBodies,
            Self.xlogBodies,
            Self.authBodies,
            Self.authDBBodies,
            Self.moreBodies,
            Self.cplBodies,
            Self.lcrBodies,
            Self.dispatcherBodies,
            Self.uacBodies,
        ] {
            table.merge(module) { _, _ in preconditionFailure("a function has two bodies") }
        }
        return table
    }()
}
