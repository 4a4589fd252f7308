// swift-tools-version: 6.2
import PackageDescription

/// Every target: language mode 6, and the views (`~Escapable`) that read a message where it lies.
let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableExperimentalFeature("Lifetimes"),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (Context.environment["SIPKIT_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)])

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "sipkit",
    products: [
        .library(name: "SIPKit", targets: ["SIPKit", "SIPNet", "SIPTrace"]),
        // The pure part alone, for those who bring their own sockets: no libpcap, no c-ares.
        .library(name: "SIPKitCore", targets: ["SIPKit"]),
        .executable(name: "sipsak", targets: ["sipsak"]),
        .executable(name: "sipgrep", targets: ["sipgrep"]),
        .executable(name: "harv", targets: ["harv"]),
        .executable(name: "miniproxy", targets: ["miniproxy"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"5.0.0"),
    ],
    targets: [
        // The library: values in, values out; then sockets; then captures.
        .target(
            name: "SIPKit", dependencies: [.product(name: "Crypto", package: "swift-crypto")], swiftSettings: settings),
        .target(name: "SIPNet", dependencies: ["SIPKit", "CSockets"], swiftSettings: settings),
        .target(name: "SIPTrace", dependencies: ["SIPKit", "CPcap", "CZlib"], swiftSettings: settings),
        .target(name: "SIPPattern", dependencies: ["CPCRE2"], swiftSettings: settings),

        // C: what Glibc's module lacks, and the system's libraries.
        .target(name: "CSockets"),
        .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // The tools.
        .executableTarget(
            name: "sipsak", dependencies: ["SIPKit", "SIPNet"], swiftSettings: settings),
        .executableTarget(
            name: "sipgrep", dependencies: ["SIPKit", "SIPTrace", "SIPPattern", argumentParser], swiftSettings: settings
        ),
        .executableTarget(name: "harv", dependencies: ["SIPKit", "SIPTrace", argumentParser], swiftSettings: settings),
        .executableTarget(
            name: "miniproxy", dependencies: ["SIPKit", "SIPNet", "CPCRE2", argumentParser], swiftSettings: settings),

        // Tests mirror the sources.
        .testTarget(name: "SIPKitTests", dependencies: ["SIPKit"], swiftSettings: settings),
        .testTarget(name: "SIPNetTests", dependencies: ["SIPKit", "SIPNet", "CSockets"], swiftSettings: settings),
        .testTarget(name: "SIPTraceTests", dependencies: ["SIPKit", "SIPTrace"], swiftSettings: settings),
        .testTarget(name: "sipsakTests", dependencies: ["sipsak", "SIPKit", "SIPNet"], swiftSettings: settings),
        .testTarget(name: "SIPPatternTests", dependencies: ["SIPPattern"], swiftSettings: settings),
        .testTarget(
            name: "sipgrepTests", dependencies: ["sipgrep", "SIPKit", "SIPTrace", "SIPPattern"], swiftSettings: settings
        ),
        .testTarget(name: "harvTests", dependencies: ["harv", "SIPKit", "SIPTrace"], swiftSettings: settings),
        .testTarget(
            name: "miniproxyTests", dependencies: ["miniproxy", "SIPKit", "SIPNet"], exclude: ["Scripts"],
            swiftSettings: settings),
        // What must hold whatever the bytes are: for the two suites below and for Fuzz/.
        .target(
            name: "SIPKitProperties", dependencies: ["SIPKit"], path: "Tests/SIPKitProperties", swiftSettings: settings),
        .testTarget(
            name: "ConformanceTests", dependencies: ["SIPKit", "SIPKitProperties"], swiftSettings: settings),
        .testTarget(
            name: "RegressionTests", dependencies: ["SIPKitProperties"], exclude: ["Inputs"], swiftSettings: settings),
    ]
)
