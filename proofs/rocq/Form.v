(* The trilinear form over any finite relation of input positions, taps and output positions:
   every rank, batch, crop, channel and group is an instance. *)
From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory. Local Open Scope ring_scope.

Section Form.
Variables (R : comRingType) (I A J : finType) (T : I -> A -> J -> bool).
Implicit Types (w : A -> R) (x : I -> R) (g : J -> R).

Definition conv w g i := \sum_a \sum_(j | T i a j) w a * g j.
Definition convT w x j := \sum_i \sum_(a | T i a j) w a * x i.
Definition wgrad x g a := \sum_i \sum_(j | T i a j) x i * g j.
Definition dot (S : finType) (u v : S -> R) := \sum_i u i * v i.
Definition form w x g := \sum_i \sum_a \sum_(j | T i a j) w a * x i * g j.

Lemma form_x w x g : dot x (conv w g) = form w x g.
Proof.
apply: eq_bigr => i _; rewrite big_distrr; apply: eq_bigr => a _.
by rewrite big_distrr; apply: eq_bigr => j _ /=; rewrite mulrA [x i * _]mulrC.
Qed.

Lemma form_w w x g : dot w (wgrad x g) = form w x g.
Proof.
rewrite /form exchange_big; apply: eq_bigr => a _; rewrite big_distrr; apply: eq_bigr => i _.
by rewrite big_distrr; apply: eq_bigr => j _ /=; rewrite mulrA.
Qed.

Lemma form_g w x g : dot (convT w x) g = form w x g.
Proof.
rewrite /dot /form; under eq_bigr do rewrite big_distrl.
rewrite exchange_big; apply: eq_bigr => i _; under eq_bigr do rewrite big_distrl.
by rewrite (exchange_big_dep predT).
Qed.

Theorem adjoint w x g : dot (convT w x) g = dot x (conv w g).
Proof. by rewrite form_g form_x. Qed.

Theorem second_gradients u x g :
  dot u (wgrad x g) = dot (convT u x) g /\ dot u (wgrad x g) = dot x (conv u g).
Proof. by rewrite form_w form_g form_x. Qed.

Lemma dot_add (S : finType) (u u' v : S -> R) : dot (fun i => u i + u' i) v = dot u v + dot u' v.
Proof. by rewrite /dot -big_split; apply: eq_bigr => i _; rewrite mulrDl. Qed.

(* what a change of x or of w adds, for every direction: the gradients, exactly *)
Theorem input_law w x x' g :
  dot (convT w (fun i => x i + x' i)) g = dot (convT w x) g + dot x' (conv w g).
Proof. by rewrite form_g -form_x dot_add form_x -form_g. Qed.

Theorem weight_law w w' x g :
  dot (convT (fun a => w a + w' a) x) g = dot (convT w x) g + dot w' (wgrad x g).
Proof. by rewrite form_g -form_w dot_add form_w -form_g. Qed.

Theorem linear w w' x x' c j :
  convT w (fun i => x i + c * x' i) j = convT w x j + c * convT w x' j /\
  convT (fun a => w a + c * w' a) x j = convT w x j + c * convT w' x j.
Proof.
split; rewrite /convT big_distrr -big_split; apply: eq_bigr => i _ /=;
  rewrite big_distrr -big_split; apply: eq_bigr => a _ /=.
  by rewrite mulrDr mulrCA.
by rewrite mulrDl mulrA.
Qed.

Theorem bias_law w x b g :
  dot (fun j => convT w x j + b) g = dot (convT w x) g + b * \sum_j g j.
Proof.
by rewrite /dot big_distrr -big_split; apply: eq_bigr => j _; rewrite mulrDl.
Qed.
End Form.

(* one layer after another, where an input and a tap of the first meet in one place at most *)
Section Composition.
Variables (R : comRingType) (I A J B K : finType).
Variables (T1 : I -> A -> J -> bool) (T2 : J -> B -> K -> bool).
Hypothesis one_place : forall i a j j', T1 i a j -> T1 i a j' -> j = j'.

Definition both (i : I) (p : B * A) (k : K) := [exists j, T2 j p.1 k && T1 i p.2 j].

Theorem compose (w1 : A -> R) (w2 : B -> R) (x : I -> R) k :
  convT T2 w2 (convT T1 w1 x) k = convT both (fun p => w2 p.1 * w1 p.2) x k.
Proof.
rewrite /convT.
transitivity (\sum_i \sum_j \sum_(p : B * A | T2 j p.1 k && T1 i p.2 j) w2 p.1 * w1 p.2 * x i).
  rewrite [RHS]exchange_big; apply: eq_bigr => j _ /=.
  under eq_bigr do rewrite big_distrr /=.
  rewrite exchange_big; apply: eq_bigr => i _ /=.
  under eq_bigr do rewrite big_distrr /=.
  by rewrite pair_big_dep; apply: eq_bigr => p _ /=; rewrite mulrA.
apply: eq_bigr => i _; rewrite (exchange_big_dep predT) //= [RHS]big_mkcond.
apply: eq_bigr => p _; rewrite /both; case: existsP => [[j /andP[t2 t1]]|none].
  rewrite (big_pred1 j) // => j'; apply/andP/eqP => [[_ t1']|->]; last by [].
  exact: one_place t1' t1.
by rewrite big_pred0 // => j; apply/negP => h; apply: none; exists j.
Qed.
End Composition.

(* channels and groups: positions and taps carry channels, the relation asks for both *)
Section Channels.
Variables (R : comRingType) (C O P Q N : finType) (T : P -> Q -> N -> bool).
Variable same_group : C -> O -> bool.

Definition with_channels (i : C * P) (a : C * O * Q) (j : O * N) :=
  [&& a.1.1 == i.1, a.1.2 == j.1, same_group i.1 j.1 & T i.2 a.2 j.2].

Theorem channels (w : C * O * Q -> R) (x : C * P -> R) o j :
  convT with_channels w x (o, j) =
  \sum_(c | same_group c o) convT T (fun a => w (c, o, a)) (fun i => x (c, i)) j.
Proof.
rewrite /convT /with_channels /= [RHS]big_mkcond /=.
transitivity (\sum_c \sum_i \sum_(a | [&& a.1.1 == c, a.1.2 == o, same_group c o & T i a.2 j])
  w a * x (c, i)).
  by rewrite pair_bigA; apply: eq_bigr => -[c i] _.
apply: eq_bigr => c _; case: ifP => same; last first.
  by apply: big1 => i _; apply: big_pred0 => a; rewrite !andbF.
apply: eq_bigr => i _; rewrite (reindex_onto (fun a => (c, o, a)) (fun a => a.2)) /=; last first.
  by case=> [[c' o'] a] /= /and3P[/eqP-> /eqP-> _].
by apply: eq_bigl => a; rewrite !eqxx !andbT.
Qed.
End Channels.
