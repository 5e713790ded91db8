//! Variables, and iterations over lists, maps and numbers.

use super::frame::{Items, Iteration};
use super::{Executor, Name, Operand, Result};
use crate::template::print;
use crate::template::value::Value;

impl Executor<'_> {
    /// The place of the last declared variable of that name.
    pub(super) fn variable(&self, name: Name) -> Result<usize> {
        let own = &self.variables[self.frame.variables..];
        match own.iter().rposition(|(known, _)| *known == name) {
            Some(at) => Ok(self.frame.variables + at),
            None => Err(format!("undefined variable: {}", self.name(name)).into()),
        }
    }

    pub(super) fn assign(&mut self, name: Name, value: Operand) -> Result<()> {
        let at = self.variable(name)?;
        self.variables[at].1 = value;
        Ok(())
    }

    pub(super) fn restore(&mut self, iteration: &Iteration) {
        self.variables.truncate(iteration.variables);
        self.dots.truncate(iteration.dots);
        self.marks.truncate(iteration.marks);
        if self.trace.is_some() {
            self.decided.clone_from(&iteration.decided);
        }
    }

    pub(super) fn start_range(&mut self, variables: u8, to: u32) -> Result<()> {
        self.note_decision();
        let value = self.pop().value;
        let items = match Items::of(&value) {
            Some(Items::Numbers { .. }) if variables > 1 => {
                let value = shown(&value)?;
                return Err(format!("can't use {value} to iterate over more than one variable").into());
            }
            Some(items) => items,
            None => return Err(format!("range can't iterate over {}", shown(&value)?).into()),
        };
        if items.is_empty() {
            self.frame.next = to as usize;
            return Ok(());
        }
        self.iterations.push(Iteration {
            items,
            origin: value.origin,
            variables: self.variables.len(),
            dots: self.dots.len(),
            marks: self.marks.len(),
            decided: self.decided.clone(),
        });
        Ok(())
    }

    pub(super) fn next_item(&mut self, variables: u8, assigned: Option<(Name, Name)>, to: u32) -> Result<()> {
        let Some(mut iteration) = self.iterations.pop() else { return Ok(()) };
        self.restore(&iteration);
        let Some((index, mut item)) = iteration.items.next() else {
            self.frame.next = to as usize;
            return Ok(());
        };
        if item.value.origin.is_none() {
            item.value.origin.clone_from(&iteration.origin);
        }
        self.iterations.push(iteration);
        match assigned {
            Some((first, second)) if variables > 1 => {
                self.assign(first, index)?;
                self.assign(second, item.clone())?;
            }
            Some((only, _)) => self.assign(only, item.clone())?,
            None => {
                // The variables were declared last, with the whole list as their value.
                let count = self.variables.len();
                if variables > 1 {
                    self.variables[count - 2].1 = index;
                }
                if variables > 0 {
                    self.variables[count - 1].1 = item.clone();
                }
            }
        }
        self.dots.push(item);
        Ok(())
    }
}

fn shown(value: &Value) -> Result<String> {
    Ok(String::from_utf8_lossy(&print::display(value)?).into_owned())
}
