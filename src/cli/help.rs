//! `--help` and faulty arguments in Chinese: the words of `help.zh.toml` laid over the commands that clap has built.
//!
//! In English the documentation of the arguments is the help, and clap words the faults.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::sync::LazyLock;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};
use serde::Deserialize;

type Table = BTreeMap<String, String>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    about: Table,
    after: Table,
    heading: Table,
    note: Table,
    argument: Table,
    fault: Table,
}

static WORDS: LazyLock<Words> =
    LazyLock::new(|| toml::from_str(include_str!("help.zh.toml")).expect("invariant: the words are read by a test"));

/// The command and all below it, with Chinese help.
pub fn in_chinese(mut command: Command) -> Command {
    // So that what clap adds itself, such as --help, is there to be translated.
    command.build();
    translated(command)
}

fn translated(command: Command) -> Command {
    let name = command.get_name().to_owned();
    let mut command = command
        .help_template(format!("{{about-with-newline}}\n{}：{{usage}}\n\n{{all-args}}{{after-help}}", WORDS.heading["usage"]))
        .subcommand_help_heading(WORDS.heading["commands"].as_str())
        .mut_args(|argument| explained(argument, &name))
        .mut_subcommands(translated);
    if let Some(about) = WORDS.about.get(&name) {
        command = command.about(about.as_str());
    }
    match WORDS.after.get(&name) {
        Some(after) => command.after_help(after.as_str()),
        None => command,
    }
}

fn explained(argument: Arg, command: &str) -> Arg {
    let heading = match argument.get_help_heading() {
        Some(own) => &WORDS.heading[own],
        None if argument.is_positional() => &WORDS.heading["arguments"],
        None => &WORDS.heading["options"],
    };
    let help = help_of(command, argument.get_id().as_str()).unwrap_or_default().to_owned() + &notes(&argument);
    argument.help(help).help_heading(heading.as_str()).hide_default_value(true).hide_possible_values(true).hide_env(true)
}

/// The sentence of an argument of a command, or of any command.
fn help_of(command: &str, argument: &str) -> Option<&'static str> {
    let words = &WORDS.argument;
    words.get(&format!("{command}.{argument}")).or_else(|| words.get(argument)).map(String::as_str)
}

/// What clap would add: the default, the possible values and the environment variable.
fn notes(argument: &Arg) -> String {
    if !argument.get_action().takes_values() {
        return String::new();
    }
    let defaults = argument.get_default_values().iter().map(|value| value.to_string_lossy().into_owned());
    let values = argument.get_possible_values().into_iter().map(|value| value.get_name().to_owned());
    let variable = argument.get_env().map(|name| name.to_string_lossy().into_owned());
    let note = |name: &str, told: Vec<String>| match told.is_empty() {
        true => String::new(),
        false => format!(" [{}：{}]", WORDS.note[name], told.join("、")),
    };
    note("default", defaults.collect()) + &note("values", values.collect()) + &note("environment", variable.into_iter().collect())
}

/// What is wrong with the arguments, in Chinese.
pub fn fault(error: &clap::Error) -> String {
    let told = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(all)) => all.join("、"),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        _ => String::new(),
    };
    let argument = told(ContextKind::InvalidArg);
    let value = told(ContextKind::InvalidValue);
    let say = |key: &str, arguments: &[(&str, &str)]| {
        let filled = |text: String, (name, value): &(&str, &str)| text.replace(&format!("{{{name}}}"), value);
        arguments.iter().fold(WORDS.fault[key].clone(), filled)
    };
    let prior = told(ContextKind::PriorArg);
    let mut sentences = vec![match error.kind() {
        ErrorKind::UnknownArgument => say("unknown", &[("argument", &argument)]),
        ErrorKind::InvalidSubcommand => say("command", &[("argument", &told(ContextKind::InvalidSubcommand))]),
        ErrorKind::MissingRequiredArgument => say("missing", &[("argument", &argument)]),
        ErrorKind::InvalidValue if value.is_empty() => say("no_value", &[("argument", &argument)]),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => say("value", &[("argument", &argument), ("value", &value)]),
        ErrorKind::ArgumentConflict if prior == argument => say("twice", &[("argument", &argument)]),
        ErrorKind::ArgumentConflict => say("conflict", &[("argument", &argument), ("prior", &prior)]),
        kind => say("other", &[("cause", &kind.to_string())]),
    }];
    sentences.extend(error.source().map(|cause| say("cause", &[("cause", &cause.to_string())])));
    let more = [
        ("values", "values", ContextKind::ValidValue),
        ("alike", "alike", ContextKind::SuggestedValue),
        ("alike", "alike", ContextKind::SuggestedArg),
        ("alike", "alike", ContextKind::SuggestedSubcommand),
    ];
    for (key, name, kind) in more {
        let text = told(kind);
        if !text.is_empty() {
            sentences.push(say(key, &[(name, &text)]));
        }
    }
    let usage = told(ContextKind::Usage);
    let usage = usage.strip_prefix("Usage:").unwrap_or(&usage).trim();
    let usage = if usage.is_empty() { String::new() } else { say("usage", &[("usage", usage)]) + "\n" };
    format!("{}\n\n{usage}{}", sentences.concat(), WORDS.fault["more"])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::cli::args::Args;

    /// Every command with its name and arguments.
    fn commands() -> Vec<(String, Vec<String>)> {
        let mut root = Args::command();
        root.build();
        let of = |command: &Command| {
            let arguments = command.get_arguments().map(|argument| argument.get_id().to_string());
            (command.get_name().to_owned(), arguments.collect())
        };
        [of(&root)].into_iter().chain(root.get_subcommands().map(of)).collect()
    }

    #[test]
    fn every_command_and_argument_has_chinese_words_and_no_word_is_left_over() {
        let mut used = BTreeSet::new();
        for (command, arguments) in commands() {
            assert!(WORDS.about.contains_key(&command), "{command}");
            for argument in arguments.iter().filter(|_| command != "help") {
                assert!(help_of(&command, argument).is_some(), "{command}.{argument}");
                let own = format!("{command}.{argument}");
                used.insert(if WORDS.argument.contains_key(&own) { own } else { argument.clone() });
            }
        }
        let left: Vec<_> = WORDS.argument.keys().filter(|key| !used.contains(*key)).collect();
        assert!(left.is_empty(), "{left:?}");
        let known: BTreeSet<String> = commands().into_iter().map(|(name, _)| name).collect();
        assert!(WORDS.about.keys().chain(WORDS.after.keys()).all(|name| known.contains(name)));
    }

    #[test]
    fn help_in_chinese_keeps_the_options_their_defaults_and_values() {
        let mut command = in_chinese(Args::command());
        let map = command.find_subcommand_mut("map").expect("a command").render_help().to_string();
        for part in [
            "用法：yizhan map",
            "参数:",
            "通用选项:",
            "公开:",
            "--dpi <DPI>",
            "[默认：300]",
            "[可选：png、svg]",
            "YIZHAN_THREADS",
        ] {
            assert!(map.contains(part), "`{part}` is missing in\n{map}");
        }
        for english in ["Usage", "Options", "default", "possible"] {
            assert!(!map.contains(english), "`{english}` in\n{map}");
        }
    }

    #[test]
    fn faults_name_the_argument_the_value_and_what_would_do() {
        let says = |arguments: &[&str]| {
            let given = ["yizhan"].iter().chain(arguments);
            fault(&in_chinese(Args::command()).try_get_matches_from(given).expect_err("a fault"))
        };
        let wrong = says(&["map", "out", "--layer", "gap"]);
        for part in ["--layer", "“gap”", "可选：", "gaps", "--help"] {
            assert!(wrong.contains(part), "{wrong}");
        }
        assert!(says(&["map", "out", "--dpi", "1"]).contains("10..=2400"));
        assert!(says(&["run"]).contains("缺少必需的参数：<SCENARIO>"));
        let misspelt = says(&["chek"]);
        assert!(misspelt.contains("没有 chek 这个命令。是否想用 ") && misspelt.contains("check"), "{misspelt}");
        assert!(says(&["run", "a", "--overwite"]).contains("没有 --overwite 这个参数。是否想用 --overwrite？"));
        assert!(says(&["run", "a", "-q", "-v"]).contains("不能与"));
        assert!(says(&["run", "a", "-q", "-q"]).contains("只能给一次"));
    }
}
